import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { DEFAULT_BODY_LIMIT } from './read-body.ts'
import { budgetKey } from './client-address.ts'
import type { AddressSet } from './address-set.ts'

/** Why a connection was closed before it was served. */
export const CONNECTION_REFUSALS = ['too-many', 'too-many-of-address', 'pipelined'] as const
export type ConnectionRefusal = (typeof CONNECTION_REFUSALS)[number]

export interface ListenOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** Bytes of a body that `Expect: 100-continue` is told to send. Default 262,144. */
  readonly bodyLimit?: number
  /** Proxies: of their connections no number is too many. */
  readonly trustedProxies?: AddressSet | undefined
  readonly onRefused?: (refusal: ConnectionRefusal) => void
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
/** The same of one address. */
const MAX_CONNECTIONS_OF_ADDRESS = 1024
/**
 * Requests under way on one connection. Node reads thousands out of one packet before the first is answered, and no
 * limit that looks at requests would see them in time.
 */
const MAX_PIPELINED = 16
/** Node drops the lines beyond, in silence; {@link hasAllHeaders} tells. */
const MAX_HEADER_LINES = 200

/** False when header lines may have been dropped: what is not there then cannot be relied on. */
export function hasAllHeaders({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.length / 2 < MAX_HEADER_LINES
}

/** Binds the port, with limits of its own: Node's defaults let a slow sender hold a socket for minutes. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { host, port, bodyLimit = DEFAULT_BODY_LIMIT } = options
  let app: RequestListener = (_req, res) => {
    res.writeHead(503, { 'retry-after': '1' }).end()
  }
  const server = createServer({ connectionsCheckingInterval: CHECK_MS })
  const connections = trackConnections(server, options)
  server.on('request', (req, res) => {
    if (!connections.enter(req, res)) return
    // A connection kept alive would outlive the drain: the sender is told to open another.
    if (!server.listening) res.setHeader('connection', 'close')
    app(req, res)
  })
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    // What is announced as too large is refused without asking for it.
    if (Number(req.headers['content-length'] ?? 0) <= bodyLimit) res.writeContinue()
    server.emit('request', req, res)
  })
  server.headersTimeout = 10_000
  server.requestTimeout = 15_000
  server.maxConnections = MAX_CONNECTIONS
  server.maxHeadersCount = MAX_HEADER_LINES
  server.on('drop', () => options.onRefused?.('too-many'))
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

interface Connections {
  /** The open ones, each with the answers that it waits for. */
  readonly open: ReadonlyMap<Socket, ReadonlySet<ServerResponse>>
  /** Counts a request; false when its connection asks for too many at once and was closed. */
  readonly enter: (req: IncomingMessage, res: ServerResponse) => boolean
}

function trackConnections(server: Server, { trustedProxies, onRefused }: ListenOptions): Connections {
  const open = new Map<Socket, Set<ServerResponse>>()
  const ofAddress = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const key = budgetKey(address)
    const count = ofAddress.get(key) ?? 0
    if (count >= MAX_CONNECTIONS_OF_ADDRESS && !trustedProxies?.has(address)) {
      onRefused?.('too-many-of-address')
      socket.destroy()
      return
    }
    ofAddress.set(key, count + 1)
    open.set(socket, new Set())
    socket.once('close', () => {
      open.delete(socket)
      const left = (ofAddress.get(key) ?? 1) - 1
      if (left === 0) ofAddress.delete(key)
      else ofAddress.set(key, left)
    })
  })
  return {
    open,
    enter: ({ socket }, res) => {
      const answers = open.get(socket)
      // A request out of the rest of a packet whose connection is closed already.
      if (!answers || socket.destroyed) return false
      if (answers.size >= MAX_PIPELINED) {
        onRefused?.('pipelined')
        socket.destroy()
        return false
      }
      answers.add(res)
      res.once('close', () => {
        answers.delete(res)
        if (answers.size === 0 && !server.listening) socket.destroySoon()
      })
      return true
    },
  }
}

function drain(server: Server, { open }: Connections, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      for (const socket of open.keys()) socket.destroy()
    }, graceMs)
    // The close of node:http would cut off answers that are handed over but not sent, and leave connections
    // open that never sent a request.
    NetServer.prototype.close.call(server, () => {
      clearTimeout(cut)
      resolve()
    })
    for (const [socket, answers] of open) {
      if (answers.size === 0) socket.destroy()
      for (const res of answers) if (!res.headersSent) res.setHeader('connection', 'close')
    }
  })
}
