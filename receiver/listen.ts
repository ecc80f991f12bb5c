import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ListenOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
}

export interface Listening {
  /** `http://host:port`. */
  readonly url: string
  /** From now on requests go to this app; those that came before are answered with 503. */
  readonly serve: (app: RequestListener) => void
  /** Takes no new connection, waits for the requests under way up to `graceMs`, then cuts what is left. */
  readonly drain: (graceMs: number) => Promise<void>
}

/** Binds the port, with time-outs of its own: Node's defaults let a slow sender hold a socket for minutes. */
export async function listen({ host, port }: ListenOptions): Promise<Listening> {
  let app: RequestListener = (_req, res) => {
    res.writeHead(503, { 'retry-after': '1' }).end()
  }
  const server = createServer((req, res) => {
    // A connection kept alive would outlive the drain: the sender is told to open another.
    if (!server.listening) res.setHeader('connection', 'close')
    app(req, res)
  })
  server.headersTimeout = 10_000
  server.requestTimeout = 15_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  // With port 0 and TCP, address() is always an AddressInfo.
  const { port: bound, family } = server.address() as AddressInfo
  const shown = family === 'IPv6' ? `[${host}]` : host
  return {
    url: `http://${shown}:${bound}`,
    serve: (next) => {
      app = next
    },
    drain: (graceMs) => drain(server, graceMs),
  }
}

function drain(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })
}
