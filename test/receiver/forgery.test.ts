import { createHmac } from 'node:crypto'
import { exportSPKI, importJWK } from 'jose'
import { expectRefused, problem } from './expect-refused.ts'
import type { Answer } from './http-caller.ts'
import { makeSigner, signHeaderText, signInput, unixTime } from './signer.ts'
import { eventBody, postDelivery, startTestReceiver, TOLERANCE_S } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { removeTempFolders } from '../support/temp-ledger.ts'

let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startTestReceiver()
  // The key's own entry is written now, so that from here on nothing but an accepted event adds one.
  await receiver.deliver(eventBody())
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

const body = Buffer.from(eventBody())
const headerOf = (changes: Readonly<Record<string, unknown>> = {}): string => {
  const { alg, kid } = receiver.signers.ES256
  return JSON.stringify({ alg, kid, iat: unixTime(new Date()), ...changes })
}
/** Genuinely signed, over a header that says something it should not. */
const signOver = (header: string | Uint8Array): string => signHeaderText(body, header, receiver.signers.ES256)
const send = (signature: string): Promise<Answer> => postDelivery(receiver.url, body, signature)

describe('a forged or late delivery is 401', () => {
  const now = (): number => unixTime(new Date())

  const CASES: readonly [string, () => string | Promise<string>][] = [
    ['alg none', () => signOver(headerOf({ alg: 'none' }))],
    ['alg None', () => signOver(headerOf({ alg: 'None' }))],
    ['alg NONE', () => signOver(headerOf({ alg: 'NONE' }))],
    ['alg in lower case', () => signOver(headerOf({ alg: 'es256' }))],
    ['an alg that nobody offered', () => signOver(headerOf({ alg: 'ES384' }))],
    ['alg toString', () => signOver(headerOf({ alg: 'toString' }))],
    ['the alg of another key type', () => signOver(headerOf({ alg: 'RS256' }))],
    ['HS256 with the public key as its secret', hmacWithPublicKey],
    ['crit', () => signOver(headerOf({ crit: ['exp'], exp: now() + 60 }))],
    ['an empty crit', () => signOver(headerOf({ crit: [] }))],
    ['b64 false', () => signOver(headerOf({ b64: false }))],
    ['b64 false with crit', () => signOver(headerOf({ b64: false, crit: ['b64'] }))],
    ['b64 true', () => signOver(headerOf({ b64: true }))],
    ['zip', () => signOver(headerOf({ zip: 'DEF' }))],
    ['an embedded jwk', () => signOver(headerOf({ jwk: 'a key' }))],
    ['jku', () => signOver(headerOf({ jku: 'https://attacker.example/jwks.json' }))],
    ['x5u', () => signOver(headerOf({ x5u: 'https://attacker.example/cert.pem' }))],
    ['x5c', () => signOver(headerOf({ x5c: 'MIIB' }))],
    ['no kid', () => signOver(headerOf({ kid: undefined }))],
    ['an empty kid', () => signOver(headerOf({ kid: '' }))],
    ['a kid that is a path', () => signOver(headerOf({ kid: '../../etc/passwd' }))],
    ['a kid that is SQL', () => signOver(headerOf({ kid: "x' OR '1'='1" }))],
    ['a kid that is a number', () => signOver(headerOf({ kid: 1 }))],
    ['a kid that every object has', () => signOver(headerOf({ kid: '__proto__' }))],
    ['a kid that nobody knows', () => signOver(headerOf({ kid: 'unknown' }))],
    ['a kid in another case', () => signOver(headerOf({ kid: receiver.signers.ES256.kid.toLowerCase() }))],
    ['the kid of another key', () => signOver(headerOf({ kid: receiver.signers.EdDSA.kid }))],
    ['a key of the attacker under a known kid', attackersKey],
    ['the signature of another body', () => receiver.signers.ES256.sign(Buffer.from(eventBody()))],
    ['a signature in DER', derSignature],
    ['a signature of zeros', () => withSignature(Buffer.alloc(64))],
    ['a signature of one byte', () => withSignature(Buffer.from([1]))],
    ['a truncated signature', () => truncated(63)],
    ['half a signature', () => truncated(32)],
    ['a signature with a byte too many', tooLong],
    ['iat too old', () => signOver(headerOf({ iat: now() - TOLERANCE_S - 5 }))],
    ['iat too far ahead', () => signOver(headerOf({ iat: now() + TOLERANCE_S + 5 }))],
    ['iat ten years ahead', () => signOver(headerOf({ iat: now() + 315_360_000 }))],
    ['no iat', () => signOver(headerOf({ iat: undefined }))],
    ['iat null', () => signOver(headerOf({ iat: null }))],
    ['iat as a string', () => signOver(headerOf({ iat: String(now()) }))],
    ['iat with a fraction', () => signOver(headerOf({ iat: now() + 0.5 }))],
    ['iat in milliseconds', () => signOver(headerOf({ iat: Date.now() }))],
    ['iat negative', () => signOver(headerOf({ iat: -now() }))],
    ['iat infinite', () => signOver(headerOf({ iat: 0 }).replace('"iat":0', '"iat":1e999'))],
  ]

  test.each(CASES)('%s', async (_name, signature) => {
    const forged = await signature()
    await expectRefused(receiver, 401, 'signature-invalid', () => send(forged))
  })

  test('with one answer, byte for byte, whatever the reason', async () => {
    const answers = new Set<string>()
    for (const [, signature] of CASES) {
      const { text, headers } = await send(await signature())
      const { date, 'x-request-id': requestId, ...rest } = headers
      expect(typeof date).toBe('string')
      expect(text).toContain(`"urn:uuid:${String(requestId)}"`)
      answers.add(JSON.stringify(rest) + text.replace(String(requestId), ''))
    }
    expect(answers.size).toBe(1)
  })

  test('when the source does not allow the alg of a known key', async () => {
    const strict = await startTestReceiver({ algorithms: ['ES256'] })
    const answer = await postDelivery(strict.url, body, await strict.signers.EdDSA.sign(body))
    expect(answer).toMatchObject({ status: 401, json: problem('signature-invalid') })
    expect(strict.ledger.reader.size()).toBe(0)
    await strict.close()
  })

  async function hmacWithPublicKey(): Promise<string> {
    const { jwk, kid } = receiver.signers.RS256
    const key = await importJWK(jwk, 'RS256')
    if (key instanceof Uint8Array) throw new TypeError('a symmetric key')
    const protectedText = Buffer.from(headerOf({ alg: 'HS256', kid })).toString('base64url')
    const mac = createHmac('sha256', await exportSPKI(key))
    return `${protectedText}..${mac.update(`${protectedText}.${body.toString('base64url')}`).digest('base64url')}`
  }

  async function attackersKey(): Promise<string> {
    const attacker = await makeSigner('ES256', () => new Date())
    return attacker.sign(body, { kid: receiver.signers.ES256.kid })
  }

  function withSignature(signature: Buffer): string {
    return `${Buffer.from(headerOf()).toString('base64url')}..${signature.toString('base64url')}`
  }

  function derSignature(): string {
    const protectedText = Buffer.from(headerOf()).toString('base64url')
    const der = signInput(protectedText, body, receiver.signers.ES256.privateKey, 'der')
    return `${protectedText}..${der.toString('base64url')}`
  }

  function resized(resize: (signature: Buffer) => Buffer): string {
    const [protectedText = '', , signature = ''] = signOver(headerOf()).split('.')
    return `${protectedText}..${resize(Buffer.from(signature, 'base64url')).toString('base64url')}`
  }

  function truncated(length: number): string {
    return resized((signature) => signature.subarray(0, length))
  }

  function tooLong(): string {
    return resized((signature) => Buffer.concat([signature, Buffer.from([0])]))
  }
})
