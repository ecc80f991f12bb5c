import fc from 'fast-check'
import { eventBody, SIGNATURE_HEADER, startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { sendBytes } from '../http-caller.ts'
import {
  apiKeySource,
  asymmetricHeaders,
  hubSource,
  newSecret,
  newStandardKeys,
  signHub,
  standardHeaders,
  standardSource,
} from '../schemes/scheme-sources.ts'

const secret = newSecret()
const keys = newStandardKeys()
let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startTestReceiver({
    sources: [
      hubSource([{ text: secret }], 'base64'),
      hubSource([{ text: secret }], 'hex'),
      standardSource([keys.whsec], [keys.whpk]),
      apiKeySource('keyed', 'x-api-key', [secret]),
    ],
  })
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

/** A genuine delivery: where to, what proves it, and the bytes. */
interface Delivery {
  readonly source: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

type Sign = (body: string) => Omit<Delivery, 'body'> | Promise<Omit<Delivery, 'body'>>

const SIGNERS: Readonly<Record<string, Sign>> = {
  jws: async (body) => ({
    source: 'genesys',
    headers: { [SIGNATURE_HEADER]: await receiver.signers.ES256.sign(Buffer.from(body)) },
  }),
  'hub in base64': (body) => ({
    source: 'hub-base64',
    headers: { 'x-hub-signature-256': signHub(body, secret, 'base64') },
  }),
  'hub in hex': (body) => ({
    source: 'hub-hex',
    headers: { 'x-hub-signature-256': signHub(body, secret, 'hex') },
  }),
  'standard v1': (body) => ({ source: 'standard', headers: standardHeaders(body, keys.whsec) }),
  'standard v1a': (body) => ({ source: 'standard', headers: asymmetricHeaders(body, keys) }),
  'api-key': () => ({ source: 'keyed', headers: { 'x-api-key': secret } }),
}

async function genuine(sign: Sign, body = eventBody()): Promise<Delivery> {
  return { ...(await sign(body)), body: Buffer.from(body) }
}

/** The request to the byte, with the length of the body as it is sent. */
function bytesOf(
  { source, headers, body }: Delivery,
  changed: Readonly<Record<string, Buffer>> = {},
): Buffer {
  const lines = Object.entries(headers).flatMap(([name, value]) => [
    Buffer.from(`${name}: `),
    changed[name] ?? Buffer.from(value),
    Buffer.from('\r\n'),
  ])
  const head = `POST /webhooks/${source} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n`
  return Buffer.concat([Buffer.from(head), ...lines, Buffer.from('\r\n'), body])
}

function flip(bytes: Buffer, bit: number): Buffer {
  const flipped = Buffer.from(bytes)
  const at = bit % (bytes.length * 8)
  flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7))
  return flipped
}

describe.each(Object.entries(SIGNERS))('a delivery by %s', (scheme, sign) => {
  test('is accepted as it is', async () => {
    expect(await sendBytes(receiver.url, bytesOf(await genuine(sign)))).toBe(202)
  })

  test('with one bit flipped anywhere that is signed, is never accepted, and makes no error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), async (part, bit) => {
        const delivery = await genuine(sign)
        const names = Object.keys(delivery.headers)
        // A shared key signs no body: only the key itself can be wrong.
        const name = names[part % (names.length + (scheme === 'api-key' ? 0 : 1))]
        const before = receiver.ledger.reader.size()
        const bytes =
          name === undefined
            ? bytesOf({ ...delivery, body: flip(delivery.body, bit) })
            : bytesOf(delivery, { [name]: flip(Buffer.from(delivery.headers[name] ?? ''), bit) })
        const status = await sendBytes(receiver.url, bytes)
        expect([400, 401]).toContain(status)
        expect(receiver.ledger.reader.size()).toBe(before)
      }),
      { numRuns: 150 },
    )
  }, 60_000)

  test('with any JSON as its body, is an event, a conflict or in quarantine, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 12 }), async (body) => {
        expect([202, 409, 422]).toContain(await sendBytes(receiver.url, bytesOf(await genuine(sign, body))))
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('with any members of any kind, likewise', async () => {
    const member = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.string({ unit: 'binary' }))
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...MEMBERS), member), async (members) => {
        const body = eventBody(members)
        expect([202, 409, 422]).toContain(await sendBytes(receiver.url, bytesOf(await genuine(sign, body))))
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('with any bytes in its headers, is refused, and makes no error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.uint8Array({ maxLength: 300 }), async (part, garbage) => {
        const delivery = await genuine(sign)
        const names = Object.keys(delivery.headers)
        const name = names[part % names.length] ?? ''
        const status = await sendBytes(receiver.url, bytesOf(delivery, { [name]: Buffer.from(garbage) }))
        expect([400, 401]).toContain(status)
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})

const MEMBERS = [
  'id',
  'event_type',
  'timestamp',
  'organization_id',
  'correlation_id',
  'actor',
  'filter',
  'previous',
  'constructor',
  'toString',
]
