import { apiKeyValue, sampleBody } from '../sender.ts'
import type { ApiKeySender, Header } from '../sender.ts'
import { INVALID, MALFORMED, once, post } from './attack.ts'
import type { Attack, ExpectedAnswer } from './attack.ts'

function apiKey(
  name: string,
  description: string,
  expect: ExpectedAnswer,
  headers: (sender: ApiKeySender) => readonly Header[],
  target?: (sender: ApiKeySender) => string,
): Attack {
  const steps = once((sender) => {
    if (sender.scheme !== 'api-key') throw new TypeError('this attack needs a sender with an API key')
    const body = sampleBody(sender)
    return post(sender, { body, headers: headers(sender), ...(target && { target: target(sender) }) })
  })
  return { name: `api-key-${name}`, schemes: ['api-key'], description, expect, steps }
}

const keyed = (
  name: string,
  description: string,
  expect: ExpectedAnswer,
  change: (key: string) => string,
): Attack =>
  apiKey(name, description, expect, ({ header, key }) => [
    [header, apiKeyValue({ header, key: change(key) })],
  ])

const onlyBearer = (attack: Attack): Attack => ({
  ...attack,
  needs: { what: 'a key in the authorization header', holds: ({ header }) => header === 'authorization' },
})

/** A shared key in a header: it says who sends, and nothing about what. */
export const API_KEY_ATTACKS: readonly Attack[] = [
  keyed('cut', 'the key without its last character', INVALID, (key) => key.slice(0, -1)),
  keyed('first-character', 'the first character of the key', INVALID, (key) => key.slice(0, 1)),
  keyed('longer', 'the key with a character behind it', INVALID, (key) => `${key}a`),
  keyed('other-case', 'the key in the other case', INVALID, (key) =>
    key === key.toLowerCase() ? key.toUpperCase() : key.toLowerCase(),
  ),
  keyed('zeros', 'as many zeros as the key has characters', INVALID, (key) => '0'.repeat(key.length)),
  apiKey(
    'in-query',
    'the key in the URL, where logs keep it',
    MALFORMED,
    () => [],
    ({ url, key }) => `${url.pathname}?api_key=${encodeURIComponent(key)}`,
  ),
  onlyBearer(
    apiKey('without-bearer', 'the key alone, without Bearer', MALFORMED, ({ key }) => [
      ['authorization', key],
    ]),
  ),
  onlyBearer(
    apiKey('basic', 'the key as a password of Basic', MALFORMED, ({ key }) => [
      ['authorization', `Basic ${Buffer.from(`user:${key}`).toString('base64')}`],
    ]),
  ),
  onlyBearer(
    apiKey('two-words', 'the key, and a second word', MALFORMED, ({ key }) => [
      ['authorization', `Bearer ${key} ${key}`],
    ]),
  ),
]
