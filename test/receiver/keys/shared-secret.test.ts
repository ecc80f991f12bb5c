import { createHmac, randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { pino } from 'pino'
import { readEd25519PublicKey } from '../../../receiver/webhook/keys/ed25519-public-key.ts'
import { liveSecrets, matchesSecret, readSharedSecret } from '../../../receiver/webhook/keys/shared-secret.ts'
import { calculateJwkThumbprint } from 'jose'

const TEXT = 'kJ8#mQ2$vN5@xR7!pL4%tW9^zB3&hG6*'
const refused = expect.objectContaining({ code: 'key-set-invalid' })
const whsec = (bytes: Uint8Array): string => `whsec_${Buffer.from(bytes).toString('base64')}`

describe('a shared secret', () => {
  test('of text is its bytes; a whsec_ one is the bytes that it encodes', () => {
    const bytes = randomBytes(24)
    expect(readSharedSecret(TEXT, 'text').secret.export()).toEqual(Buffer.from(TEXT))
    expect(readSharedSecret(whsec(bytes), 'whsec').secret.export()).toEqual(bytes)
    const stripe = `whsec_${randomBytes(16).toString('hex')}`
    expect(readSharedSecret(stripe, 'text').secret.export()).toEqual(Buffer.from(stripe))
  })

  test('is named by what only its holder can compute', () => {
    const { thumbprint } = readSharedSecret(TEXT, 'text')
    expect(thumbprint).toBe(
      createHmac('sha256', TEXT).update('filter-ledger webhook key').digest('base64url'),
    )
    expect(thumbprint).toHaveLength(43)
  })

  test('is never printed', () => {
    const secret = readSharedSecret(TEXT, 'text', new Date('2026-03-01T00:00:00Z'))
    const lines: string[] = []
    const logger = pino({}, { write: (line: string) => lines.push(line) })
    logger.info({ secret }, 'a careless line')
    logger.info(secret)
    const printed = [
      JSON.stringify(secret),
      JSON.stringify({ ...secret }),
      inspect(secret, { depth: Infinity, showHidden: true }),
      inspect([secret.secret]),
      ...lines,
    ]
    for (const text of printed)
      for (const part of [
        TEXT,
        Buffer.from(TEXT).toString('base64').slice(0, 20),
        Buffer.from(TEXT).toString('hex'),
      ])
        expect(text).not.toContain(part)
    expect(JSON.stringify(secret)).toContain(secret.thumbprint)
  })

  test.each([
    ['the empty text', ''],
    ['31 bytes', TEXT.slice(1)],
    ['more than 1024 bytes', randomBytes(600).toString('hex')],
    ['a space before it', ` ${TEXT}`],
    ['a line end after it', `${TEXT}\n`],
    ['a no-break space after it', `${TEXT}\u00a0`],
    ['two lines', `${TEXT}\n${TEXT}x`],
    ['one byte again and again', 'a'.repeat(32)],
    ['a short text again and again', 'password1'.repeat(5)],
    ['itself twice', '0123456789abcdef0123456789abcdef'],
    ['letters in their order', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdef'],
    ['hardly any different bytes', `${'a'.repeat(31)}bcab`],
    ['the default of a framework', 'development'],
    ['the example of GitHub', "It's a Secret to Everybody"],
    ['the example of Slack', '8f742231b10e8888abcd99yyyzzz85a5'],
    ['an example with whsec_ before it', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  ])('of text is refused when it is %s', (_name, text) => {
    expect(() => readSharedSecret(text, 'text')).toThrow(refused)
  })

  test.each([
    ['23 bytes', whsec(randomBytes(23))],
    ['65 bytes', whsec(randomBytes(65))],
    ['no prefix', randomBytes(32).toString('base64')],
    ['another prefix', `whsk_${randomBytes(32).toString('base64')}`],
    ['base64url', `whsec_${Buffer.alloc(24, 0xfb).toString('base64url')}`],
    ['no padding', whsec(randomBytes(32)).replace(/=+$/, '')],
    ['stray bits at its end', `whsec_${randomBytes(31).toString('base64').slice(0, -2)}/=`],
    ['zeros', whsec(Buffer.alloc(32))],
    ['the example of Standard Webhooks', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  ])('of Standard Webhooks is refused when it is %s', (_name, text) => {
    expect(() => readSharedSecret(text, 'whsec')).toThrow(refused)
  })

  test('is refused with words that tell nothing of it', () => {
    for (const text of [`${TEXT}\n`, TEXT.slice(1), `${TEXT}\u0000x`])
      expect(() => readSharedSecret(text, 'text')).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(TEXT.slice(2, 20)) }),
      )
  })

  test('that is made at random is never refused', () => {
    for (let i = 0; i < 2000; i++) {
      readSharedSecret(whsec(randomBytes(24)), 'whsec')
      readSharedSecret(randomBytes(16).toString('hex'), 'text')
    }
  })

  test('holds until its end, beside its successor', () => {
    const end = new Date('2026-03-01T00:00:00Z')
    const old = readSharedSecret(TEXT, 'text', end)
    const next = readSharedSecret(`${TEXT}x`, 'text')
    expect(liveSecrets([old, next], new Date(end.getTime() - 1))).toEqual([old, next])
    expect(liveSecrets([old, next], end)).toEqual([next])
    expect(() => readSharedSecret(TEXT, 'text', new Date('no date'))).toThrow(TypeError)
  })

  test('matches itself and nothing else', () => {
    const secret = readSharedSecret(TEXT, 'text')
    expect(matchesSecret(TEXT, secret)).toBe(true)
    for (const other of ['', TEXT.slice(1), `${TEXT} `, TEXT.toLowerCase(), `\u0100${TEXT}`])
      expect(matchesSecret(other, secret)).toBe(false)
    const wide = `${TEXT}\u00e4`
    const sent = Buffer.from(wide, 'utf8').toString('latin1')
    expect(matchesSecret(sent, readSharedSecret(wide, 'text'))).toBe(true)
    expect(matchesSecret(`${TEXT.slice(0, -1)}\u012a`, secret)).toBe(false)
  })
})

describe('the public key of a Standard Webhooks sender', () => {
  // Published by the svix server's tests.
  const PUBLISHED = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='

  test('is named by its thumbprint', async () => {
    const key = readEd25519PublicKey(PUBLISHED)
    expect(key).toMatchObject({ kid: key.thumbprint, algorithms: ['EdDSA'] })
    expect(key.thumbprint).toBe(await calculateJwkThumbprint(key.jwk))
    expect(key.jwk).toMatchObject({ kty: 'OKP', crv: 'Ed25519' })
  })

  const whpk = (hex: string): string => `whpk_${Buffer.from(hex, 'hex').toString('base64')}`

  test.each([
    ['the private key', PUBLISHED.replace('whpk_', 'whsk_')],
    ['no prefix', PUBLISHED.slice(5)],
    ['31 bytes', `whpk_${randomBytes(31).toString('base64')}`],
    ['base64url', PUBLISHED.replace('=', '')],
    ['all zero', whpk('00'.repeat(32))],
    ['the neutral point', whpk(`01${'00'.repeat(31)}`)],
    ['the neutral point with its sign', whpk(`01${'00'.repeat(30)}80`)],
    ['the point of order 2', whpk(`ec${'ff'.repeat(30)}7f`)],
    ['the neutral point, written above the prime', whpk(`ee${'ff'.repeat(30)}7f`)],
    ['a point of order 8', whpk('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')],
    ['another point of order 8', whpk('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa')],
  ])('is refused when it is %s', (_name, text) => {
    expect(() => readEd25519PublicKey(text)).toThrow(refused)
  })
})
