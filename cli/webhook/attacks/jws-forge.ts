import { sampleBody } from '../sender.ts'
import type { JwsSender, Sender } from '../sender.ts'
import { jwsHeader, jwsSignature, signingInput } from '../sign-jws.ts'
import { once, post } from './attack.ts'
import type { Attack, ExpectedAnswer } from './attack.ts'

/** What a forged signature header is made from. */
export interface Forge {
  readonly sender: JwsSender
  /** The event that it is sent with. */
  readonly body: Buffer
  /** The protected header, with changes; a member that is undefined is left out. */
  readonly header: (changes?: Readonly<Record<string, unknown>>) => string
  /** A genuine signature over a header, whatever stands in it: a refusal is the header's alone. */
  readonly signOver: (header: string | Uint8Array) => string
  /** Whole Unix seconds. */
  readonly now: number
}

/** An attack by the value of the signature header, in a delivery that is genuine otherwise. */
export function jwsAttack(
  name: string,
  description: string,
  expect: ExpectedAnswer,
  value: (forge: Forge) => string,
): Attack {
  const steps = once((sender) => {
    const forge = forgeOf(jwsSender(sender))
    return post(sender, { body: forge.body, headers: [[sender.header, value(forge)]] })
  })
  return { name, schemes: ['jws'], description, expect, steps }
}

/** An attack that only one type of key can make. */
export function withAlgorithms(attack: Attack, algorithms: readonly string[]): Attack {
  const what = `a key for ${algorithms.join(' or ')}`
  return { ...attack, needs: { what, holds: (sender) => algorithms.includes(jwsSender(sender).key.alg) } }
}

/** An attack on a receiver whose source has `b64: true`, or on one that has not. */
export function withB64(attack: Attack, b64: boolean): Attack {
  const what = b64 ? 'a source without b64:false' : 'a source with b64:false'
  return { ...attack, needs: { what, holds: (sender) => jwsSender(sender).key.b64 === b64 } }
}

/** The three texts between the dots of a detached JWS, the middle one empty. */
export function partsOf(jws: string): { readonly header: string; readonly signature: string } {
  const [header = '', , signature = ''] = jws.split('.')
  return { header, signature }
}

/** The genuine signature's bytes, changed. */
export function resigned({ header, signOver }: Forge, change: (signature: Buffer) => Buffer): string {
  const genuine = partsOf(signOver(header()))
  return `${genuine.header}..${change(Buffer.from(genuine.signature, 'base64url')).toString('base64url')}`
}

export function base64url(text: string | Uint8Array): string {
  return Buffer.from(text).toString('base64url')
}

export function jwsSender(sender: Sender): JwsSender {
  if (sender.scheme !== 'jws') throw new TypeError('a JWS attack needs a sender that signs with JWS')
  return sender
}

function forgeOf(sender: JwsSender): Forge {
  const { key } = sender
  const body = sampleBody(sender)
  const now = sender.now()
  return {
    sender,
    body,
    header: (changes = {}) => JSON.stringify({ ...jwsHeader(key, now), ...changes }),
    signOver: (header) => {
      const protectedText = base64url(header)
      return `${protectedText}..${base64url(jwsSignature(signingInput(protectedText, body, key.b64), key))}`
    },
    now: Math.floor(now.getTime() / 1000),
  }
}
