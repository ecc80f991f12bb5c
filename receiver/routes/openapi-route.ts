import express from 'express'
import type { Router } from 'express'
import { noteRoute } from './note-route.ts'

/** `GET /openapi.json`: what a developer needs to call the actions. It tells no more than the documentation. */
export function openApiRoute(document: object): Router {
  const router = express.Router()
  router.get('/openapi.json', noteRoute('/openapi.json'), (_req, res) => {
    res.json(document)
  })
  return router
}
