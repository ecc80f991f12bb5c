import fc from 'fast-check'
import { sendBytes } from './http-caller.ts'
import { eventBody, SIGNATURE_HEADER, startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { removeTempFolders } from '../support/temp-ledger.ts'

let receiver: TestReceiver
let body: Buffer
let signature: Buffer

beforeAll(async () => {
  receiver = await startTestReceiver()
  body = Buffer.from(eventBody())
  signature = Buffer.from(await receiver.signers.ES256.sign(body), 'latin1')
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

/** Written by hand: a flipped bit may make bytes that an HTTP client would not send. */
function requestBytes(signatureBytes: Uint8Array, bodyBytes: Uint8Array): Buffer {
  const head = `POST /webhooks/genesys HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n`
  return Buffer.concat([
    Buffer.from(`${head}content-length: ${bodyBytes.length}\r\n${SIGNATURE_HEADER}: `),
    signatureBytes,
    Buffer.from('\r\n\r\n'),
    bodyBytes,
  ])
}

function flipped(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  const at = Math.floor(bit / 8)
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << (bit % 8)), at)
  return copy
}

describe('one flipped bit', () => {
  test('anywhere in the body is never accepted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(body.length * 8 - 1), async (bit) => {
        expect(await sendBytes(receiver.url, requestBytes(signature, flipped(body, bit)))).toBe(401)
      }),
      { numRuns: 150 },
    )
    expect(receiver.ledger.reader.size()).toBe(0)
  })

  test('anywhere in the signature header is never accepted: every bit of it', async () => {
    const statuses = new Map<number | undefined, number>()
    for (let bit = 0; bit < signature.length * 8; bit++) {
      const status = await sendBytes(receiver.url, requestBytes(flipped(signature, bit), body))
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    expect([...statuses.keys()].sort()).toEqual([400, 401])
    expect(receiver.ledger.reader.size()).toBe(0)
  })

  test('and the same bytes unflipped are accepted', async () => {
    expect(await sendBytes(receiver.url, requestBytes(signature, body))).toBe(202)
  })
})
