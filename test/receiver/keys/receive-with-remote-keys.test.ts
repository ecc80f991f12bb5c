import { remoteKeys } from '../../../receiver/webhook/keys/key-sources.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { eventBody, postDelivery, startTestReceiver } from '../../support/test-receiver.ts'
import { makeSigner } from '../signer.ts'
import type { Signer } from '../signer.ts'
import { startKeyServer } from './key-server.ts'
import type { KeyServer } from './key-server.ts'

let time: number
let server: KeyServer
let signer: Signer

beforeAll(async () => {
  server = await startKeyServer()
  signer = await makeSigner('ES256', () => new Date())
})

afterAll(async () => {
  await server.close()
  removeTempFolders()
})

beforeEach(() => {
  time = Date.now()
  server.reset()
  server.serve([signer.jwk])
})

const open = () =>
  remoteKeys({ url: server.url, fetch, now: () => new Date(time), random: Math.random }).resolve

describe('the receiver with a remote key set', () => {
  test('answers 503 with Retry-After while there are no keys, and 202 when they are back', async () => {
    server.fail()
    const receiver = await startTestReceiver({ resolveKey: open() })
    const body = Buffer.from(eventBody())
    const signature = await signer.sign(body)
    const answered = await postDelivery(receiver.url, body, signature)
    expect(answered).toMatchObject({
      status: 503,
      json: { type: 'urn:filter-ledger:problem:keys-unavailable' },
    })
    expect(Number(answered.headers['retry-after'])).toBeGreaterThan(0)
    expect(receiver.ledger.reader.size()).toBe(0)
    server.serve([signer.jwk])
    time += 1000
    expect(await postDelivery(receiver.url, body, signature)).toMatchObject({ status: 202 })
    await receiver.close()
  })

  test('answers 401 to a key id that a fresh set has not, and never fetches for a malformed one', async () => {
    const receiver = await startTestReceiver({ resolveKey: open() })
    const body = Buffer.from(eventBody())
    const malformed = await signer.sign(body, { kid: '../jwks' })
    expect(await postDelivery(receiver.url, body, malformed)).toMatchObject({ status: 401 })
    expect(server.fetches()).toBe(0)
    const unknownKid = await signer.sign(body, { kid: 'unknown' })
    expect(await postDelivery(receiver.url, body, unknownKid)).toMatchObject({ status: 401 })
    expect(server.fetches()).toBe(1)
    await receiver.close()
  })

  test('answers 503 to a key id that may be new, counts it against the address, and takes it when it may look', async () => {
    const receiver = await startTestReceiver({ resolveKey: open(), limits: { refusalsPerMinute: 2 } })
    const body = Buffer.from(eventBody())
    await postDelivery(receiver.url, body, await signer.sign(body))
    const next = await makeSigner('ES256', () => new Date())
    server.serve([signer.jwk, next.jwk])
    time += 5000
    const later = Buffer.from(eventBody())
    const post = async () => postDelivery(receiver.url, later, await next.sign(later))
    const answered = await post()
    expect(answered).toMatchObject({
      status: 503,
      json: { type: 'urn:filter-ledger:problem:keys-unavailable' },
    })
    expect(Number(answered.headers['retry-after'])).toBeGreaterThan(0)
    time += 5000
    expect(await post()).toMatchObject({ status: 202 })
    const invented = await signer.sign(later, { kid: 'invented' })
    const refused = async () => (await postDelivery(receiver.url, later, invented)).status
    // One of two was spent above.
    expect([await refused(), await refused()]).toEqual([503, 429])
    await receiver.close()
  })
})
