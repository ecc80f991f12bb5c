import { createServer } from 'node:http'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

export interface CollectorAnswer {
  readonly status: number
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
}

/** An OTLP/HTTP endpoint that keeps what it is sent. */
export interface Collector {
  readonly url: URL
  readonly received: readonly Received[]
  /** What it answers from now on; undefined: nothing, ever. Default: 200 and an empty message. */
  readonly answerWith: (answer: CollectorAnswer | undefined) => void
  readonly close: () => Promise<void>
}

export async function startCollector(): Promise<Collector> {
  const received: Received[] = []
  let answer: CollectorAnswer | undefined = { status: 200, body: '{}' }
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const body: unknown = JSON.parse(gunzipSync(Buffer.concat(chunks)).toString('utf8'))
      received.push({ path: req.url ?? '', headers: req.headers, body })
      if (!answer) return
      res.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
      res.end(answer.body ?? '')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: new URL(`http://127.0.0.1:${port}/v1/metrics`),
    received,
    answerWith: (next) => (answer = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
