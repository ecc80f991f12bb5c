import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import type { JWK } from 'jose'
import { jwkThumbprint } from '../../../receiver/webhook/keys/jwk-thumbprint.ts'
import { readKeySet } from '../../../receiver/webhook/keys/webhook-key.ts'
import { makeSigner } from '../signer.ts'
import type { Signer } from '../signer.ts'

const refused = { code: 'key-set-invalid' }
let signer: Signer

beforeAll(async () => {
  signer = await makeSigner('ES256', () => new Date())
})

const withKey = (jwk: unknown): Promise<unknown> => readKeySet({ keys: [signer.jwk, jwk] })
const bytes = (length: number, byte = 0xff): string => Buffer.alloc(length, byte).toString('base64url')
const rsa = (changes: JWK = {}): JWK => ({ kty: 'RSA', n: bytes(256), e: 'AQAB', kid: 'rsa', ...changes })

describe('a key set is refused as a whole', () => {
  test('for a private key in it, also one that we would pass over', async () => {
    for (const alg of ['ES256', 'EdDSA', 'RS256', 'ES384']) {
      const { privateKey } = await generateKeyPair(alg, { extractable: true })
      await expect(withKey({ ...(await exportJWK(privateKey)), kid: 'mine' })).rejects.toMatchObject({
        ...refused,
        exposesSecret: true,
      })
    }
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])
      await expect(withKey(rsa({ use: 'enc', [member]: '' }))).rejects.toMatchObject(refused)
  })

  test.each<[string, JWK]>([
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0', kid: 'k' }],
    ['a symmetric key that has lost its k', { kty: 'oct', kid: 'k', use: 'enc' }],
    ['an RSA key of 1024 bits', rsa({ n: bytes(128) })],
    ['an RSA key of 2040 bits', rsa({ n: bytes(255) })],
    ['an RSA key of 16384 bits', rsa({ n: bytes(2048) })],
    ['an RSA exponent of 1', rsa({ e: 'AQ' })],
    ['an even RSA exponent', rsa({ e: 'AQAA' })],
    ['a huge RSA exponent', rsa({ e: bytes(64) })],
    ['an RSA key without a modulus', { kty: 'RSA', e: 'AQAB', kid: 'k' }],
    ['a point that is not on the curve', { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'k' }],
    ['an Ed25519 key of 31 bytes', { kty: 'OKP', crv: 'Ed25519', x: bytes(31, 3), kid: 'k' }],
    [
      'the point at which everybody can sign',
      { kty: 'OKP', crv: 'Ed25519', x: `AQ${'A'.repeat(41)}`, kid: 'k' },
    ],
    ['a point above the prime', { kty: 'OKP', crv: 'Ed25519', x: bytes(32), kid: 'k' }],
  ])('for %s', async (_name, jwk) => {
    await expect(withKey(jwk)).rejects.toMatchObject(refused)
  })

  test('for a key without a kid, with an odd one, or with one that another key has', async () => {
    const bare = { ...signer.jwk }
    delete bare.kid
    await expect(withKey(bare)).rejects.toMatchObject(refused)
    await expect(withKey({ ...bare, kid: '../x' })).rejects.toMatchObject(refused)
    await expect(withKey({ ...bare, kid: 7 })).rejects.toMatchObject(refused)
    await expect(withKey(signer.jwk)).rejects.toMatchObject(refused)
  })

  test('for more than a hundred keys', async () => {
    const keys = Array.from({ length: 101 }, (_, i) => ({ ...signer.jwk, kid: `k${i}` }))
    await expect(readKeySet({ keys })).rejects.toMatchObject(refused)
    expect((await readKeySet({ keys: keys.slice(1) })).size).toBe(100)
  })

  test('when it has no key that we can use', async () => {
    await expect(readKeySet({ keys: [{ ...signer.jwk, use: 'enc' }] })).rejects.toMatchObject(refused)
  })

  test('when it is no set at all', async () => {
    const values = [
      null,
      'keys',
      [],
      {},
      { keys: {} },
      { keys: [] },
      { keys: [null] },
      { keys: [7] },
      { keys: [[]] },
    ]
    for (const value of values) await expect(readKeySet(value)).rejects.toMatchObject(refused)
  })
})

describe('a public key that we cannot use is passed over', () => {
  test.each<[string, Record<string, unknown>]>([
    ['a key type that we do not know', { kty: 'AKP', pub: 'AA' }],
    ['no key type', {}],
    ['the name of a member of every object as key type', { kty: 'constructor' }],
    ['a curve that is not ours', { kty: 'EC', crv: 'P-384', x: 'AA', y: 'AA' }],
    ['a key for encryption', { kty: 'RSA', n: bytes(128), e: 'AQ', use: 'enc' }],
    ['a key that may not verify', { kty: 'OKP', crv: 'Ed25519', x: bytes(32, 3), key_ops: ['encrypt'] }],
    ['key_ops that are no list', { kty: 'OKP', crv: 'Ed25519', x: bytes(32, 3), key_ops: 'verify' }],
    ['an alg that is not ours', { kty: 'RSA', n: bytes(256), e: 'AQAB', alg: 'RS512' }],
    ['an alg that the key cannot have', { kty: 'RSA', n: bytes(256), e: 'AQAB', alg: 'HS256' }],
  ])('%s, whatever its kid', async (_name, jwk) => {
    for (const kid of ['other', '../x', undefined, signer.kid]) {
      const keys = await readKeySet({ keys: [{ ...jwk, kid }, signer.jwk] })
      expect([...keys.keys()]).toEqual([signer.kid])
    }
  })
})

describe('a key of a set', () => {
  test('can do what its kind can, narrowed by its alg', async () => {
    const keys = await readKeySet({
      keys: [rsa(), rsa({ kid: 'pss', alg: 'PS256', key_ops: ['verify'], use: 'sig' })],
    })
    expect(keys.get('rsa')?.algorithms).toEqual(['RS256', 'PS256'])
    expect(keys.get('pss')?.algorithms).toEqual(['PS256'])
  })

  test('has the thumbprint that others compute, also when the sender padded its numbers', async () => {
    const padded = rsa({
      n: Buffer.concat([Buffer.alloc(1), Buffer.alloc(256, 0xff)]).toString('base64url'),
      e: 'AAEAAQ',
    })
    const key = (await readKeySet({ keys: [padded] })).get('rsa')
    expect(key?.jwk).toEqual({ kty: 'RSA', n: bytes(256), e: 'AQAB' })
    expect(key?.thumbprint).toBe(await calculateJwkThumbprint({ kty: 'RSA', n: bytes(256), e: 'AQAB' }))
  })

  test('has the thumbprint that jose computes', async () => {
    for (const alg of ['ES256', 'EdDSA', 'RS256'] as const) {
      const { jwk } = await makeSigner(alg, () => new Date())
      expect(jwkThumbprint({ ...jwk })).toBe(await calculateJwkThumbprint(jwk))
    }
    expect(jwkThumbprint({ kty: 'oct', k: 'AA' })).toBeUndefined()
    expect(jwkThumbprint({ kty: 'EC', crv: 'P-256', x: 'AA', y: 7 })).toBeUndefined()
  })
})
