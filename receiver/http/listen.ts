import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

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

/** How often Node looks whether a time-out has passed: by default it would let a slow sender have 30 seconds more. */
const CHECK_MS = 1000
/** Beyond, a new connection is closed at once: memory has a bound, whoever comes. */
const MAX_CONNECTIONS = 8192

/** Binds the port, with time-outs of its own: Node's defaults let a slow sender hold a socket for minutes. */
export async function listen({ host, port }: ListenOptions): Promise<Listening> {
  let app: RequestListener = (_req, res) => {
    res.writeHead(503, { 'retry-after': '1' }).end()
  }
  const server = createServer({ connectionsCheckingInterval: CHECK_MS }, (req, res) => {
    // A connection kept alive would outlive the drain: the sender is told to open another.
    if (!server.listening) res.setHeader('connection', 'close')
    app(req, res)
  })
  const connections = trackConnections(server)
  server.headersTimeout = 10_000
  server.requestTimeout = 15_000
  server.maxConnections = MAX_CONNECTIONS
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
    drain: (graceMs) => drain(server, connections, graceMs),
  }
}

/** The open connections, each with its requests under way. */
type Connections = ReadonlyMap<Socket, number>

function trackConnections(server: Server): Connections {
  const underWay = new Map<Socket, number>()
  server.on('connection', (socket) => {
    underWay.set(socket, 0)
    socket.once('close', () => underWay.delete(socket))
  })
  server.on('request', ({ socket }, res) => {
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1)
    res.once('close', () => {
      const left = (underWay.get(socket) ?? 1) - 1
      if (underWay.has(socket)) underWay.set(socket, left)
      if (left === 0 && !server.listening) socket.destroySoon()
    })
  })
  return underWay
}

function drain(server: Server, connections: Connections, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      for (const socket of connections.keys()) socket.destroy()
    }, graceMs)
    // The close of node:http would cut off answers that are handed over but not sent, and leave connections
    // open that never sent a request.
    NetServer.prototype.close.call(server, () => {
      clearTimeout(cut)
      resolve()
    })
    for (const [socket, underWay] of connections) if (underWay === 0) socket.destroy()
  })
}
