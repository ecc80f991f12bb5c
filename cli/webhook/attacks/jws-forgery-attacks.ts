import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { newPrivateKey } from '../new-private-key.ts'
import { jwsSignature, signingInput } from '../sign-jws.ts'
import { INVALID } from './attack.ts'
import type { Attack } from './attack.ts'
import { base64url, jwsAttack, partsOf, resigned, withAlgorithms, withB64 } from './jws-forge.ts'
import type { Forge } from './jws-forge.ts'

const forged = (name: string, description: string, value: (forge: Forge) => string): Attack =>
  jwsAttack(name, description, INVALID, value)

/** A header with changes, genuinely signed. */
const claiming = (
  name: string,
  description: string,
  changes: (forge: Forge) => Readonly<Record<string, unknown>>,
): Attack => forged(name, description, (forge) => forge.signOver(forge.header(changes(forge))))

function algorithms(): readonly Attack[] {
  const others = {
    none: 'none',
    'none-capital': 'None',
    'none-capitals': 'NONE',
    es384: 'ES384',
    method: 'toString',
  }
  return [
    ...Object.entries(others).map(([name, alg]) =>
      claiming(`jws-alg-${name}`, `alg ${alg}, with a signature`, () => ({ alg })),
    ),
    claiming('jws-alg-lower-case', 'the key’s alg in lower case', ({ sender }) => ({
      alg: sender.key.alg.toLowerCase(),
    })),
    claiming('jws-alg-of-other-key-type', 'the alg of another type of key', ({ sender }) => ({
      alg: sender.key.alg === 'EdDSA' ? 'ES256' : 'EdDSA',
    })),
    ...(['pem', 'der', 'jwk'] as const).map((format) =>
      forged(
        `jws-hs256-public-${format}`,
        `HS256, with the public key (${format.toUpperCase()}) as its secret`,
        (forge) => hmacWith(forge, publicKeyIn(forge, format)),
      ),
    ),
    forged('jws-hs256-empty-secret', 'HS256 with an empty secret', (forge) =>
      hmacWith(forge, Buffer.alloc(0)),
    ),
  ]
}

function hmacWith({ header, body, sender }: Forge, secret: Buffer): string {
  const protectedText = base64url(header({ alg: 'HS256' }))
  const mac = createHmac('sha256', secret).update(signingInput(protectedText, body, sender.key.b64))
  return `${protectedText}..${mac.digest('base64url')}`
}

function publicKeyIn({ sender }: Forge, format: 'pem' | 'der' | 'jwk'): Buffer {
  const key = createPublicKey(sender.key.privateKey)
  if (format === 'jwk') return Buffer.from(JSON.stringify(key.export({ format: 'jwk' })))
  return format === 'pem'
    ? Buffer.from(key.export({ format: 'pem', type: 'spki' }))
    : key.export({ format: 'der', type: 'spki' })
}

function members(): readonly Attack[] {
  const attackersUrl = 'https://attacker.example/keys'
  return [
    forged('jws-embedded-jwk', 'the attacker’s own key in the header, and its signature', (forge) => {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519')
      const text = forge.header({ alg: 'EdDSA', jwk: publicKey.export({ format: 'jwk' }) })
      const input = signingInput(base64url(text), forge.body, forge.sender.key.b64)
      return `${base64url(text)}..${base64url(jwsSignature(input, { alg: 'EdDSA', privateKey }))}`
    }),
    forged('jws-embedded-own-jwk', 'the right key in the header', ({ sender, header, signOver }) =>
      signOver(header({ jwk: createPublicKey(sender.key.privateKey).export({ format: 'jwk' }) })),
    ),
    claiming('jws-jku', 'the URL of an attacker’s key set', () => ({ jku: attackersUrl })),
    claiming('jws-x5u', 'the URL of an attacker’s certificate', () => ({ x5u: attackersUrl })),
    claiming('jws-x5c', 'a certificate in the header', () => ({ x5c: ['MIIB'] })),
    claiming('jws-zip', 'a compressed payload', () => ({ zip: 'DEF' })),
    claiming('jws-crit-unknown', 'a critical member that nobody knows', ({ now }) => ({
      crit: ['exp'],
      exp: now + 60,
    })),
    claiming('jws-crit-empty', 'an empty crit', () => ({ crit: [] })),
    claiming('jws-crit-alg', 'crit with a member of the standard', () => ({ crit: ['alg'] })),
    claiming('jws-crit-proto', 'crit with a name that every object has', () => ({ crit: ['__proto__'] })),
    claiming('jws-crit-to-string', 'crit with a method that every object has', () => ({
      crit: ['toString'],
    })),
    claiming('jws-crit-text', 'crit that is no list', () => ({ crit: 'b64' })),
    claiming('jws-crit-twice', 'crit with b64 twice', () => ({ b64: false, crit: ['b64', 'b64'] })),
    claiming('jws-crit-more', 'crit with b64 and one more', ({ now }) => ({
      b64: false,
      crit: ['b64', 'exp'],
      exp: now + 60,
    })),
  ]
}

/** RFC 7797: what is signed depends on a member of the header, so it has to be the one that the source has. */
function payloadEncoding(): readonly Attack[] {
  /** Signs as the first of the two says, whatever the sender does. */
  const encoded =
    (b64: boolean, changes: Readonly<Record<string, unknown>>) =>
    (forge: Forge): string => {
      const protectedText = base64url(forge.header({ b64: undefined, crit: undefined, ...changes }))
      return `${protectedText}..${base64url(jwsSignature(signingInput(protectedText, forge.body, b64), forge.sender.key))}`
    }
  return [
    withB64(
      forged(
        'jws-b64-false',
        'b64:false with crit, genuinely signed, to a source without it',
        encoded(false, { b64: false, crit: ['b64'] }),
      ),
      true,
    ),
    withB64(
      forged(
        'jws-b64-false-encoded',
        'b64:false with crit, over the encoded body',
        encoded(true, { b64: false, crit: ['b64'] }),
      ),
      true,
    ),
    withB64(
      forged(
        'jws-b64-absent',
        'without b64, genuinely signed, to a source with b64:false',
        encoded(true, {}),
      ),
      false,
    ),
    withB64(
      forged(
        'jws-b64-absent-raw',
        'without b64, over the raw body, to a source with b64:false',
        encoded(false, {}),
      ),
      false,
    ),
    forged(
      'jws-b64-without-crit',
      'b64:false without crit, over the encoded body',
      encoded(true, { b64: false }),
    ),
    forged(
      'jws-b64-without-crit-raw',
      'b64:false without crit, over the raw body',
      encoded(false, { b64: false }),
    ),
    forged('jws-b64-true', 'b64:true', encoded(true, { b64: true })),
    forged('jws-b64-true-crit', 'b64:true with crit', encoded(true, { b64: true, crit: ['b64'] })),
    forged('jws-b64-text', 'b64 that is a text', encoded(false, { b64: 'false', crit: ['b64'] })),
    forged('jws-b64-zero', 'b64 that is 0', encoded(false, { b64: 0, crit: ['b64'] })),
  ]
}

function keyIds(): readonly Attack[] {
  const kid = (name: string, what: string, value: unknown): Attack =>
    claiming(`jws-kid-${name}`, `a kid ${what}`, () => ({ kid: value }))
  return [
    kid('missing', 'that is not there', undefined),
    kid('empty', 'of no characters', ''),
    kid('path', 'that is a path', '../../../../dev/null'),
    kid('sql', 'that is SQL', "x' UNION SELECT 'secret' --"),
    kid('command', 'that is a command', '$(id)'),
    kid('url', 'that is a URL', 'https://attacker.example/key'),
    forged('jws-kid-object', 'a kid that is an object', ({ header, signOver }) =>
      signOver(header({ kid: { $ne: null } })),
    ),
    kid('list', 'that is a list', ['k']),
    kid('number', 'that is a number', 1),
    kid('proto', 'that every object has', '__proto__'),
    kid('nul', 'with a NUL', 'k\0'),
    kid('line-feed', 'with a line feed', 'k\n'),
    kid('too-long', 'of 129 characters', 'k'.repeat(129)),
    kid('unknown', 'that nobody has', 'no-such-key'),
    claiming('jws-kid-prefix', 'the first half of the key’s kid', ({ sender: { key } }) => ({
      kid: key.kid.slice(0, key.kid.length >> 1),
    })),
  ]
}

/** The order of P-256: as r and s it is zero to whoever computes before looking (CVE-2022-21449). */
const P256_ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')

function signatures(): readonly Attack[] {
  const only = (attack: Attack): Attack => withAlgorithms(attack, ['ES256'])
  return [
    forged('jws-signature-zeros', 'a signature of zeros', (forge) =>
      resigned(forge, ({ length }) => Buffer.alloc(length)),
    ),
    only(
      forged('jws-signature-order', 'a signature whose r and s are the curve’s order', (forge) =>
        resigned(forge, () => Buffer.concat([P256_ORDER, P256_ORDER])),
      ),
    ),
    only(
      forged('jws-signature-der', 'a genuine signature in DER', ({ header, body, sender }) => {
        const protectedText = base64url(header())
        return `${protectedText}..${base64url(sign('sha256', signingInput(protectedText, body, sender.key.b64), sender.key.privateKey))}`
      }),
    ),
    forged('jws-signature-one-byte', 'a signature of one byte', (forge) =>
      resigned(forge, () => Buffer.from([1])),
    ),
    forged('jws-signature-cut', 'a signature without its last byte', (forge) =>
      resigned(forge, (bytes) => bytes.subarray(0, -1)),
    ),
    forged('jws-signature-half', 'half a signature', (forge) =>
      resigned(forge, (bytes) => bytes.subarray(0, bytes.length >> 1)),
    ),
    forged('jws-signature-longer', 'a signature with a byte behind it', (forge) =>
      resigned(forge, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])),
    ),
    forged('jws-signature-flipped-bit', 'one bit of the signature changed', (forge) =>
      resigned(forge, (bytes) => {
        const flipped = Buffer.from(bytes)
        flipped[8] = (flipped[8] ?? 0) ^ 1
        return flipped
      }),
    ),
    forged('jws-signature-of-other-header', 'the signature of another header', (forge) => {
      const other = partsOf(forge.signOver(forge.header({ iat: forge.now - 1 })))
      return `${base64url(forge.header())}..${other.signature}`
    }),
    forged('jws-attackers-key', 'signed by an attacker’s key, under the right kid', (forge) => {
      const { key } = forge.sender
      const protectedText = base64url(forge.header())
      const input = signingInput(protectedText, forge.body, key.b64)
      return `${protectedText}..${base64url(jwsSignature(input, { alg: key.alg, privateKey: newPrivateKey(key.alg) }))}`
    }),
  ]
}

function times(): readonly Attack[] {
  const iat = (name: string, what: string, value: (now: number) => unknown): Attack =>
    claiming(`jws-iat-${name}`, `an iat ${what}`, ({ now }) => ({ iat: value(now) }))
  return [
    iat('stale', 'two hours ago', (now) => now - 7200),
    iat('future', 'in two hours', (now) => now + 7200),
    iat('far-future', 'in ten years', (now) => now + 315_360_000),
    iat('missing', 'that is not there', () => undefined),
    iat('null', 'that is null', () => null),
    iat('text', 'that is a text', (now) => String(now)),
    iat('text-with-more', 'that begins as a number', (now) => `${now}abc`),
    iat('list', 'that is a list', (now) => [now]),
    iat('fraction', 'with a fraction', (now) => now + 0.5),
    iat('milliseconds', 'in milliseconds', (now) => now * 1000),
    iat('negative', 'before 1970', (now) => -now),
    iat('too-large', 'beyond every whole number', () => 2 ** 60),
    forged('jws-iat-infinite', 'an iat that overflows', ({ header, signOver }) =>
      signOver(header({ iat: 0 }).replace('"iat":0', '"iat":1e999')),
    ),
  ]
}

/** Well-formed signature headers that must not be believed. One answer for all: why is nobody's business. */
export const JWS_FORGERY_ATTACKS: readonly Attack[] = [
  ...algorithms(),
  ...members(),
  ...payloadEncoding(),
  ...keyIds(),
  ...signatures(),
  ...times(),
]
