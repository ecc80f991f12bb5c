import { randomBytes } from 'node:crypto'
import { newPrivateKey } from '../new-private-key.ts'
import { apiKeyValue, signDelivery } from '../sender.ts'
import type { Header, Sender } from '../sender.ts'
import {
  ALL_SCHEMES,
  genuine,
  INVALID,
  MALFORMED,
  once,
  post,
  SIGNING_SCHEMES,
  withHeader,
} from './attack.ts'
import type { Attack, ExpectedAnswer } from './attack.ts'

type Headers = (sender: Sender, genuine: readonly Header[]) => readonly Header[]

function attack(name: string, description: string, expect: ExpectedAnswer, headers: Headers): Attack {
  const steps = once((sender) => {
    const delivery = genuine(sender)
    return post(sender, { body: delivery.body, headers: headers(sender, delivery.headers) })
  })
  return { name, schemes: ALL_SCHEMES, description, expect, steps }
}

/** What can be done to a signature header, or to a key's, under any scheme. */
export const SIGNATURE_ATTACKS: readonly Attack[] = [
  attack('signature-missing', 'no signature header at all', MALFORMED, ({ header }, headers) =>
    headers.filter(([name]) => name !== header),
  ),
  attack('signature-empty', 'a signature header without a value', MALFORMED, ({ header }, headers) =>
    withHeader(headers, header, ''),
  ),
  attack('signature-twice', 'the genuine signature header twice', MALFORMED, (sender, headers) => [
    ...headers,
    ...headers.filter(([name]) => name === sender.header),
  ]),
  attack(
    'signature-twice-other-case',
    'the genuine signature header twice, once in capitals',
    MALFORMED,
    (sender, headers) => [
      ...headers,
      ...headers
        .filter(([name]) => name === sender.header)
        .map(([name, value]): Header => [name.toUpperCase(), value]),
    ],
  ),
  attack(
    'signature-twice-second-wrong',
    'the genuine signature header, and one that is wrong',
    MALFORMED,
    (sender, headers) => [...headers, [sender.header, otherSignature(sender)]],
  ),
  {
    ...attack(
      'signature-joined',
      'two signatures in one header, with a comma',
      MALFORMED,
      (sender, headers) =>
        headers.map(([name, value]): Header => [name, name === sender.header ? `${value}, ${value}` : value]),
    ),
    schemes: SIGNING_SCHEMES,
  },
  {
    ...attack('signature-one-word', 'a signature header of one word', MALFORMED, ({ header }, headers) =>
      withHeader(headers, header, 'abcdef'),
    ),
    schemes: SIGNING_SCHEMES,
  },
  attack('wrong-key', 'signed with a key that the receiver does not have', INVALID, (sender, headers) =>
    withHeader(headers, sender.header, otherSignature(sender)),
  ),
  {
    ...attack(
      'signature-in-other-header',
      'the genuine signature under another name',
      MALFORMED,
      (sender, headers) =>
        headers.map(([name, value]): Header => [name === sender.header ? 'x-signature' : name, value]),
    ),
    schemes: ALL_SCHEMES,
  },
]

/** What the sender would send if it had another key. */
function otherSignature(sender: Sender): string {
  if (sender.scheme === 'api-key')
    return apiKeyValue({ ...sender, key: randomBytes(24).toString('base64url') })
  const { body } = genuine(sender)
  return signDelivery(withOtherKey(sender), body).find(([name]) => name === sender.header)?.[1] ?? ''
}

function withOtherKey(sender: Exclude<Sender, { readonly scheme: 'api-key' }>): Sender {
  switch (sender.scheme) {
    case 'jws':
      return {
        ...sender,
        key: { ...sender.key, privateKey: newPrivateKey(sender.key.alg) },
      }
    case 'hub-sha256':
      return { ...sender, key: { ...sender.key, secret: randomBytes(32) } }
    case 'standard-webhooks':
      return { ...sender, keys: [{ version: 'v1', secret: randomBytes(32) }] }
  }
}
