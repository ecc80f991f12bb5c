import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Express } from 'express'

export interface ListenOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
}

export interface Listening {
  /** `http://host:port`. */
  readonly url: string
  /** Takes no new connection, waits for the requests under way up to `graceMs`, then cuts what is left. */
  readonly drain: (graceMs: number) => Promise<void>
}

/** Serves the app with time-outs of its own: Node's defaults let a slow sender hold a socket for minutes. */
export async function listen(app: Express, { host, port }: ListenOptions): Promise<Listening> {
  const server = createServer(app)
  server.headersTimeout = 10_000
  server.requestTimeout = 15_000
  server.keepAliveTimeout = 65_000
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
  return { url: `http://${shown}:${bound}`, drain: (graceMs) => drain(server, graceMs) }
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
