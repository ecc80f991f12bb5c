// The floor: an Express 5 route that takes the raw body and answers 202, in a process of its own.
import express from 'express'
import type { AddressInfo } from 'node:net'

const app = express()
app.disable('x-powered-by')
app.post(
  ['/webhooks/genesys', '/webhooks/hub'],
  express.raw({ type: () => true, limit: 262_144, inflate: false }),
  (_req, res) => {
    res.status(202).end()
  },
)
const server = app.listen(0, '127.0.0.1', () => {
  // A TCP server's address is always an AddressInfo.
  const { port } = server.address() as AddressInfo
  process.stdout.write(`{"url":"http://127.0.0.1:${port}"}\n`)
})
