import type { RequestHandler } from 'express'
import { subjectOf } from '../auth/require-scope.ts'
import { contextOf } from '../request-context.ts'

/** Tells the request log which route this is, and who asks. */
export function noteRoute(route: string): RequestHandler {
  return (req, res, next) => {
    contextOf(req).facts.route = route
    res.once('close', () => {
      const subject = subjectOf(req)
      if (subject !== undefined) contextOf(req).facts.subject = subject
    })
    next()
  }
}
