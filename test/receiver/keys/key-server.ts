import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { JWK } from 'jose'

/** A sender's JWKS endpoint, whose answer the test chooses. */
export interface KeyServer {
  readonly url: URL
  readonly answer: (listener: RequestListener) => void
  /** Answers with a key set from now on. */
  readonly serve: (keys: readonly JWK[]) => void
  /** Answers with an error from now on. */
  readonly fail: () => void
  /** Never answers from now on. */
  readonly hang: () => void
  readonly fetches: () => number
  readonly reset: () => void
  readonly close: () => Promise<void>
}

export async function startKeyServer(): Promise<KeyServer> {
  let listener: RequestListener = (_req, res) => res.writeHead(404).end()
  let fetches = 0
  const server = createServer((req, res) => {
    fetches++
    listener(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  const answer = (next: RequestListener): void => {
    listener = next
  }
  return {
    url: new URL(`http://127.0.0.1:${address.port}/jwks.json`),
    answer,
    serve: (keys) => {
      answer((_req, res) => res.setHeader('content-type', 'application/json').end(JSON.stringify({ keys })))
    },
    fail: () => {
      answer((_req, res) => res.writeHead(500).end())
    },
    hang: () => {
      answer(() => undefined)
    },
    fetches: () => fetches,
    reset: () => {
      fetches = 0
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
