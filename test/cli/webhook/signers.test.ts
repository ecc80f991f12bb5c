import { createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { flattenedVerify } from 'jose'
import { sampleEvent, SAMPLE_KINDS } from '../../../cli/webhook/sample-event.ts'
import { eventIdOf } from '../../../cli/webhook/sender.ts'
import { signHub } from '../../../cli/webhook/sign-hub.ts'
import { signingInput, signJws } from '../../../cli/webhook/sign-jws.ts'
import { signStandardWebhooks } from '../../../cli/webhook/sign-standard-webhooks.ts'
import {
  formatSigningKey,
  formatVerificationKey,
  parseStandardWebhooksKey,
} from '../../../cli/webhook/standard-webhooks-key.ts'
import type { Algorithm } from '../../../receiver/webhook/schemes/asymmetric.ts'

const NOW = new Date('2026-01-31T12:00:00.900Z')
/** White space, a full stop and bytes that are not ASCII: what a signer must not touch. */
const BODY = Buffer.from(' {"a": "é.\u{1f600}"}\r\n')

const KEYS = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
} as const
const ALGORITHMS = Object.keys(KEYS) as readonly Algorithm[]

describe('a detached JWS', () => {
  test.each(ALGORITHMS)('with %s is one that jose verifies over the exact bytes', async (alg) => {
    const { privateKey, publicKey } = KEYS[alg]
    const jws = signJws({ body: BODY, now: NOW }, { alg, kid: 'k-1', privateKey, b64: true })
    const [protectedText = '', middle, signature = ''] = jws.split('.')
    expect(middle).toBe('')
    const { payload, protectedHeader } = await flattenedVerify(
      { protected: protectedText, payload: BODY.toString('base64url'), signature },
      publicKey,
      { algorithms: [alg] },
    )
    expect(Buffer.from(payload)).toEqual(BODY)
    expect(protectedHeader).toEqual({ alg, kid: 'k-1', iat: NOW.getTime() / 1000 - 0.9 })
  })

  test.each(ALGORITHMS)('with %s and b64:false is one that jose verifies over the raw bytes', async (alg) => {
    const { privateKey, publicKey } = KEYS[alg]
    const jws = signJws({ body: BODY, now: NOW }, { alg, kid: 'k-1', privateKey, b64: false })
    const [protectedText = '', , signature = ''] = jws.split('.')
    const { protectedHeader } = await flattenedVerify(
      { protected: protectedText, payload: BODY, signature },
      publicKey,
      { crit: { b64: true } },
    )
    expect(protectedHeader).toMatchObject({ b64: false, crit: ['b64'] })
  })

  test('signs over what RFC 7797 §4.2 signs over', () => {
    const secret = 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'
    const protectedText = Buffer.from('{"alg":"HS256","b64":false,"crit":["b64"]}').toString('base64url')
    const mac = createHmac('sha256', Buffer.from(secret, 'base64url'))
    expect(mac.update(signingInput(protectedText, Buffer.from('$.02'), false)).digest('base64url')).toBe(
      'A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY',
    )
  })
})

describe('x-hub-signature-256', () => {
  // The example of GitHub's documentation, "Validating webhook deliveries".
  const example = { body: Buffer.from('Hello, World!'), secret: Buffer.from("It's a Secret to Everybody") }

  test('is lower-case hex for GitHub', () => {
    expect(signHub(example.body, { secret: example.secret, encoding: 'hex' })).toBe(
      'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    )
  })

  test('is base64 of the same MAC for Genesys Cloud', () => {
    const value = signHub(example.body, { secret: example.secret, encoding: 'base64' })
    expect(Buffer.from(value.replace('sha256=', ''), 'base64').toString('hex')).toBe(
      '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    )
  })
})

describe('Standard Webhooks', () => {
  // The delivery, the keys and the signatures of the reference libraries' and of the Svix server's own tests.
  const delivery = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    now: new Date(1_614_265_330_000),
    body: Buffer.from('{"test": 2432232314}'),
  }
  const whsec = parseStandardWebhooksKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'the secret')
  const whsk = parseStandardWebhooksKey(
    'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==',
    'the key',
  )
  const V1 = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
  const V1A = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=='
  const WHPK = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='

  test('signs the public vectors of v1 and v1a, and both in one header', () => {
    const signatures = [[whsec], [whsk], [whsec, whsk]].map(
      (keys) => signStandardWebhooks(delivery, keys)['webhook-signature'],
    )
    expect(signatures).toEqual([V1, V1A, `${V1} ${V1A}`])
    expect(signStandardWebhooks(delivery, [whsec])).toMatchObject({
      'webhook-id': delivery.id,
      'webhook-timestamp': '1614265330',
    })
  })

  test('writes keys as the Svix server does, and reads what it wrote', () => {
    if (whsk.version !== 'v1a') throw new TypeError('whsk_ is a key of v1a')
    expect(formatVerificationKey(whsk.privateKey)).toBe(WHPK)
    const again = parseStandardWebhooksKey(formatSigningKey(whsk.privateKey), 'the key')
    expect(signStandardWebhooks(delivery, [again])['webhook-signature']).toBe(V1A)
  })

  test('v1a verifies with the bytes of whpk_ alone', () => {
    const x = Buffer.from(WHPK.replace('whpk_', ''), 'base64').toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    const content = Buffer.concat([Buffer.from(`${delivery.id}.1614265330.`), delivery.body])
    expect(verify(null, content, key, Buffer.from(V1A.replace('v1a,', ''), 'base64'))).toBe(true)
  })

  test.each([
    ['no prefix', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    ['a public key', WHPK],
    ['a secret that is too short', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['a secret that is too long', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['base64 that is not canonical', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx='],
    ['a key of 31 bytes', `whsk_${Buffer.alloc(31).toString('base64')}`],
    ['a key with another public key behind it', `whsk_${Buffer.alloc(64).toString('base64')}`],
  ])('refuses %s, and does not quote it', (_name, text) => {
    const parse = (): unknown => parseStandardWebhooksKey(text, 'the secret')
    expect(parse).toThrow(expect.objectContaining({ name: 'CliError', code: 2 }))
    expect(parse).not.toThrow(text.slice(8))
  })

  test.each(['', 'a.b', 'a b', 'a\nb', 'é'])('does not sign under the id %j', (id) => {
    expect(() => signStandardWebhooks({ ...delivery, id }, [whsec])).toThrow(TypeError)
  })
})

describe('sample events', () => {
  let made = 0
  const newId = (): string => `id-${++made}`

  test.each(SAMPLE_KINDS)('%s has an id and a time of its own', (kind) => {
    const bytes = (): Buffer => Buffer.from(JSON.stringify(sampleEvent(kind, { now: NOW, newId })))
    const [first, second] = [bytes(), bytes()]
    expect(eventIdOf(first)).toMatch(/^id-\d+$/)
    expect(eventIdOf(first)).not.toBe(eventIdOf(second))
    expect(first.toString()).toContain('2026-01-31T12:00:00')
  })

  test('an audit event has the envelope of EventBridge, with its time in whole seconds', () => {
    expect(sampleEvent('eventbridge', { now: NOW, newId })).toMatchObject({
      version: '0',
      time: '2026-01-31T12:00:00Z',
      detail: {
        eventBody: { propertyChanges: [{ property: 'config.thresholds.toxicity' }] },
        metadata: { CorrelationId: expect.any(String) },
      },
    })
  })

  test('a body without a usable id has none', () => {
    for (const text of ['', '[]', '{"id":7}', '{"id":"a.b"}', '{"id":""}'])
      expect(eventIdOf(Buffer.from(text))).toBeUndefined()
  })
})
