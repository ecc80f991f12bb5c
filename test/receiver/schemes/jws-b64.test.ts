import { generateKeyPairSync, sign } from 'node:crypto'
import { FlattenedSign } from 'jose'
import { pinnedKeys } from '../../../receiver/webhook/keys/key-sources.ts'
import { readKeySet } from '../../../receiver/webhook/keys/webhook-key.ts'
import { jwsScheme } from '../../../receiver/webhook/schemes/jws.ts'
import { eventBody, startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { expectRefused } from '../expect-refused.ts'
import { call } from '../http-caller.ts'
import type { Answer } from '../http-caller.ts'
import { sourceOf } from './scheme-sources.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
let receiver: TestReceiver

beforeAll(async () => {
  const keys = await readKeySet({
    keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256' }],
  })
  const scheme = {
    signatureHeader: 'x-jws-signature',
    algorithms: ['ES256'],
    resolveKey: pinnedKeys(keys),
    windowS: 300,
    toleranceS: 10,
  } as const
  receiver = await startTestReceiver({
    sources: [sourceOf('raw', jwsScheme({ ...scheme, b64: false })), sourceOf('encoded', jwsScheme(scheme))],
  })
  await deliver('raw', eventBody(), signed)
  await deliver('encoded', eventBody(), signedEncoded)
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

const now = (): number => Math.floor(Date.now() / 1000)
const header = (more: object): string =>
  Buffer.from(JSON.stringify({ alg: 'ES256', kid: 'k', iat: now(), ...more })).toString('base64url')

/** RFC 7797: the payload is signed as it is. */
function signed(body: string, more: object = { b64: false, crit: ['b64'] }): string {
  const text = header(more)
  const signature = sign('sha256', Buffer.from(`${text}.${body}`), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  return `${text}..${signature.toString('base64url')}`
}

function signedEncoded(body: string, more: object = {}): string {
  const text = header(more)
  const input = Buffer.from(`${text}.${Buffer.from(body).toString('base64url')}`)
  return `${text}..${sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

function deliver(source: string, body: string, by: (body: string) => string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'x-jws-signature': by(body) }
  return call(`${receiver.url}/webhooks/${source}`, { method: 'POST', headers, body })
}

describe('a source that signs the payload as it is (b64 false)', () => {
  test('is verified so, and says so in its entry', async () => {
    expect(await deliver('raw', eventBody(), signed)).toMatchObject({ status: 202 })
    const stored = receiver.ledger.reader.at(receiver.ledger.reader.size() - 1)
    expect(JSON.parse(stored?.text ?? '{}')).toMatchObject({ evidence: { scheme: 'jws', b64: false } })
  })

  test('agrees with jose about what that is', async () => {
    const body = eventBody()
    const jws = await new FlattenedSign(Buffer.from(body))
      .setProtectedHeader({ alg: 'ES256', kid: 'k', iat: now(), b64: false, crit: ['b64'] })
      .sign(privateKey)
    expect(await deliver('raw', body, () => `${jws.protected ?? ''}..${jws.signature}`)).toMatchObject({
      status: 202,
    })
  })

  test.each<[string, string, (body: string) => string]>([
    ['has to say so', 'raw', (body) => signed(body, {})],
    ['has to say so in crit too', 'raw', (body) => signed(body, { b64: false })],
    ['has nothing else in crit', 'raw', (body) => signed(body, { b64: false, crit: ['b64', 'exp'] })],
    ['has it there once', 'raw', (body) => signed(body, { b64: false, crit: ['b64', 'b64'] })],
    ['has a list as crit', 'raw', (body) => signed(body, { b64: false, crit: 'b64' })],
    ['says false, not a text', 'raw', (body) => signed(body, { b64: 'false', crit: ['b64'] })],
    ['does not say true', 'raw', (body) => signed(body, { b64: true, crit: ['b64'] })],
    ['is not verified as base64url', 'raw', (body) => signedEncoded(body, { b64: false, crit: ['b64'] })],
    ['is not let in where base64url is agreed', 'encoded', signed],
    [
      'nor is what only claims it there',
      'encoded',
      (body) => signedEncoded(body, { b64: false, crit: ['b64'] }),
    ],
    ['nor what names it needlessly', 'encoded', (body) => signedEncoded(body, { b64: true, crit: ['b64'] })],
    ['is held to its clock tolerance', 'encoded', (body) => signedEncoded(body, { iat: now() + 15 })],
  ])('%s', async (_name, source, by) => {
    await expectRefused(receiver, 401, 'signature-invalid', () => deliver(source, eventBody(), by))
  })
})
