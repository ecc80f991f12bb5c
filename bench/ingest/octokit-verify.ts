// A peer: the node middleware of @octokit/webhooks, which verifies (HMAC-SHA256, hex) and stores nothing.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createNodeMiddleware, Webhooks } from '@octokit/webhooks'

const webhooks = new Webhooks({ secret: process.env['BENCH_SECRET'] ?? '' })
const middleware = createNodeMiddleware(webhooks, { path: '/webhooks/hub' })
const server = createServer((req, res) => {
  void middleware(req, res)
})
server.listen(0, '127.0.0.1', () => {
  // A TCP server's address is always an AddressInfo.
  const { port } = server.address() as AddressInfo
  process.stdout.write(`{"url":"http://127.0.0.1:${port}"}\n`)
})
