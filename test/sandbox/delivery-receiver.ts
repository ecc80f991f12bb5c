import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { createRemoteJWKSet, flattenedVerify } from 'jose'
import type { ProtectedHeaderParameters } from 'jose'

export interface ReceivedDelivery {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** `hang`: accept the request and never answer. */
export type ReceiverAnswer = number | 'hang'

export interface DeliveryReceiver {
  readonly url: string
  readonly received: ReceivedDelivery[]
  readonly close: () => Promise<void>
}

/** A real HTTP receiver on a free port. `answer` decides each status; redirects point back at itself. */
export async function startReceiver(
  answer: (count: number) => ReceiverAnswer = () => 202,
): Promise<DeliveryReceiver> {
  const received: ReceivedDelivery[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks) })
      const status = answer(received.length)
      if (status === 'hang') return
      response.writeHead(status, status === 307 ? { location: '/elsewhere' } : {}).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  return {
    url: `http://127.0.0.1:${address.port}/webhooks/genesys`,
    received,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Verifies a delivery as a third party would: with the published keys alone. */
export async function verifyWithJwks(
  delivery: ReceivedDelivery,
  jwksUrl: string,
): Promise<ProtectedHeaderParameters> {
  const header = String(delivery.headers['x-genesys-signature'])
  const [encoded = '', middle, signature = ''] = header.split('.')
  if (middle !== '') throw new TypeError('the signature is not detached')
  const jws = { protected: encoded, payload: delivery.body.toString('base64url'), signature }
  const { protectedHeader } = await flattenedVerify(jws, createRemoteJWKSet(new URL(jwksUrl)))
  return protectedHeader ?? {}
}
