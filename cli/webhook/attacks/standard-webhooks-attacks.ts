import { createHmac } from 'node:crypto'
import { sampleBody } from '../sender.ts'
import type { Header, Sender, StandardWebhooksSender } from '../sender.ts'
import { standardWebhooksContent, standardWebhooksSignature } from '../sign-standard-webhooks.ts'
import { INVALID, MALFORMED, once, post } from './attack.ts'
import type { Attack, ExpectedAnswer } from './attack.ts'
import { strayBits } from './base64.ts'

/** The three headers and the body, each of which an attack can choose. */
interface Parts {
  readonly id: string
  readonly timestamp: string
  readonly signature: string
  readonly body: Buffer
}

interface Forge {
  readonly sender: StandardWebhooksSender
  readonly id: string
  /** Whole Unix seconds. */
  readonly now: number
  readonly body: Buffer
  /** Genuine signatures over whatever stands in id and timestamp: a refusal is theirs alone. */
  readonly sign: (changes?: Partial<Omit<Parts, 'signature'>>) => string
}

function standard(
  name: string,
  description: string,
  expect: ExpectedAnswer,
  change: (forge: Forge) => Partial<Parts>,
): Attack {
  return attack(name, description, expect, (forge) => {
    const { id, now, body, sign } = forge
    const parts: Parts = { id, timestamp: String(now), signature: sign(), body, ...change(forge) }
    return { body: parts.body, headers: headersOf(forge.sender, parts) }
  })
}

function attack(
  name: string,
  description: string,
  expect: ExpectedAnswer,
  build: (forge: Forge) => { readonly body: Buffer; readonly headers: readonly Header[] },
): Attack {
  const steps = once((sender) => post(sender, build(forgeOf(sender))))
  return { name: `standard-${name}`, schemes: ['standard-webhooks'], description, expect, steps }
}

function forgeOf(sender: Sender): Forge {
  if (sender.scheme !== 'standard-webhooks')
    throw new TypeError('this attack needs a sender of Standard Webhooks')
  const id = `msg_${sender.newId()}`
  const now = Math.floor(sender.now().getTime() / 1000)
  const body = sampleBody(sender)
  const sign: Forge['sign'] = (changes = {}) => {
    const parts = { id, timestamp: String(now), body, ...changes }
    const content = standardWebhooksContent(parts.id, parts.timestamp, parts.body)
    return sender.keys.map((key) => standardWebhooksSignature(content, key)).join(' ')
  }
  return { sender, id, now, body, sign }
}

function headersOf(
  { header }: StandardWebhooksSender,
  { id, timestamp, signature }: Parts,
): readonly Header[] {
  return [
    ['webhook-id', id],
    ['webhook-timestamp', timestamp],
    [header, signature],
  ]
}

function headers(): readonly Attack[] {
  return ['webhook-id', 'webhook-timestamp'].flatMap((name) => {
    const short = name.replace('webhook-', '')
    const genuine = (forge: Forge): readonly Header[] =>
      headersOf(forge.sender, {
        id: forge.id,
        timestamp: String(forge.now),
        signature: forge.sign(),
        body: forge.body,
      })
    return [
      attack(`${short}-missing`, `no ${name}`, MALFORMED, (forge) => ({
        body: forge.body,
        headers: genuine(forge).filter((header) => header[0] !== name),
      })),
      attack(`${short}-twice`, `${name} twice`, MALFORMED, (forge) => ({
        body: forge.body,
        headers: genuine(forge).flatMap((header) => (header[0] === name ? [header, header] : [header])),
      })),
    ]
  })
}

function ids(): readonly Attack[] {
  const id = (name: string, what: string, value: string): Attack =>
    standard(`id-${name}`, `a webhook-id ${what}, genuinely signed`, MALFORMED, ({ sign }) => ({
      id: value,
      signature: sign({ id: value }),
    }))
  return [
    id('empty', 'of no characters', ''),
    id('too-long', 'of 300 characters', 'm'.repeat(300)),
    id('space', 'with a space', 'msg 1'),
    id('latin-1', 'that is not ASCII', 'msg_\xe9'),
    // (id a, body T.{}) and (id a.T, body {}) are signed over the same bytes.
    standard(
      'id-with-full-stop',
      'the end of the id and of the time moved: one signature for two deliveries',
      MALFORMED,
      ({ id: first, now, body, sign }) => ({
        id: `${first}.${now}`,
        signature: sign({ id: first, body: Buffer.concat([Buffer.from(`${now}.`), body]) }),
      }),
    ),
    standard('other-id', 'a genuine signature under another id', INVALID, ({ sender }) => ({
      id: `msg_${sender.newId()}`,
    })),
  ]
}

function timestamps(): readonly Attack[] {
  const timestamp = (name: string, what: string, value: (now: number) => string): Attack =>
    standard(
      `timestamp-${name}`,
      `a webhook-timestamp ${what}, genuinely signed`,
      INVALID,
      ({ now, sign }) => ({ timestamp: value(now), signature: sign({ timestamp: value(now) }) }),
    )
  /** As a receiver would that signs anew with the number that it read. */
  const loose = (name: string, what: string, value: (now: number) => string): Attack =>
    standard(`timestamp-${name}`, `a webhook-timestamp ${what}, signed without that`, INVALID, ({ now }) => ({
      timestamp: value(now),
    }))
  return [
    timestamp('stale', 'two hours ago', (now) => String(now - 7200)),
    timestamp('future', 'in two hours', (now) => String(now + 7200)),
    timestamp('far-future', 'in ten years', (now) => String(now + 315_360_000)),
    timestamp('with-more', 'with letters behind it', (now) => `${now}abc`),
    timestamp('plus', 'with a plus sign', (now) => `+${now}`),
    timestamp('exponent', 'with an exponent', (now) => `${now / 10}e1`),
    timestamp('fraction', 'with a fraction', (now) => `${now}.5`),
    timestamp('hex', 'in hex', (now) => `0x${now.toString(16)}`),
    timestamp('milliseconds', 'in milliseconds', (now) => `${now}000`),
    timestamp('too-large', 'beyond every whole number', () => '9007199254740993'),
    timestamp('negative', 'before 1970', (now) => `-${now}`),
    timestamp('date', 'that is a date', (now) => new Date(now * 1000).toISOString()),
    loose('loose-letters', 'with letters behind it', (now) => `${now}abc`),
    loose('loose-plus', 'with a plus sign', (now) => `+${now}`),
    loose('loose-zero', 'with a zero in front', (now) => `0${now}`),
    loose('other', 'a second later', (now) => String(now + 1)),
  ]
}

/** The first signature's bytes, written again under its own version. */
const rewritten =
  (write: (bytes: Buffer) => string) =>
  ({ sign }: Forge): Partial<Parts> => {
    const [version = '', encoded = ''] = (sign().split(' ')[0] ?? '').split(',')
    return { signature: `${version},${write(Buffer.from(encoded, 'base64'))}` }
  }

function values(): readonly Attack[] {
  const cut = [1, 16, 31].map((length) =>
    standard(
      `signature-of-${length}-bytes`,
      `the first ${length} bytes of the signature`,
      MALFORMED,
      rewritten((bytes) => bytes.subarray(0, length).toString('base64')),
    ),
  )
  const base64 = (write: (text: string) => string) => rewritten((bytes) => write(bytes.toString('base64')))
  return [
    ...cut,
    standard('signature-of-0-bytes', 'a version, a comma and nothing', MALFORMED, () => ({
      signature: 'v1,',
    })),
    standard('signature-with-more', 'a third part behind the signature', MALFORMED, ({ sign }) => ({
      signature: `${sign()},junk`,
    })),
    standard(
      'signature-longer',
      'a byte behind the signature',
      MALFORMED,
      rewritten((bytes) => Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64')),
    ),
    standard(
      'signature-flipped-bit',
      'one bit of the signature changed',
      INVALID,
      rewritten((bytes) => {
        const flipped = Buffer.from(bytes)
        flipped[8] = (flipped[8] ?? 0) ^ 1
        return flipped.toString('base64')
      }),
    ),
    standard(
      'signature-unpadded',
      'a signature without its padding',
      MALFORMED,
      base64((text) => text.replace(/=+$/, '')),
    ),
    standard(
      'signature-base64url',
      'a signature in base64url',
      MALFORMED,
      base64((text) => `-_${text.slice(2)}`),
    ),
    standard(
      'signature-stray-bits',
      'a signature with bits behind it that stand for nothing',
      MALFORMED,
      base64(strayBits),
    ),
    standard(
      'signature-hex',
      'a signature in hex',
      MALFORMED,
      rewritten((bytes) => bytes.toString('hex')),
    ),
    standard('version-missing', 'a signature without a version', MALFORMED, ({ sign }) => ({
      signature: sign().replace(/v1a?,/g, ''),
    })),
    standard(
      'version-unknown',
      'a signature of a version that nobody knows, and no other',
      INVALID,
      ({ sign }) => ({ signature: sign().replace(/v1a?,/g, 'v9,') }),
    ),
    standard('version-in-capitals', 'V1 in capitals', MALFORMED, ({ sign }) => ({
      signature: sign().replaceAll('v', 'V'),
    })),
    standard('version-swapped', 'a signature under the other version', MALFORMED, ({ sign }) => ({
      signature: sign().replace(/v1(a?),/g, (_all, a: string) => (a === '' ? 'v1a,' : 'v1,')),
    })),
    standard('signatures-by-comma', 'two signatures with a comma between them', MALFORMED, ({ sign }) => ({
      signature: `${sign()},${sign()}`,
    })),
    standard('many-signatures', 'forty signatures, each of which would have to be tried', MALFORMED, () => ({
      signature: Array.from({ length: 40 }, (_, i) => `v1,${Buffer.alloc(32, i).toString('base64')}`).join(
        ' ',
      ),
    })),
    standard('wrong-signatures', 'seven signatures that are all wrong', INVALID, () => ({
      signature: Array.from({ length: 7 }, (_, i) => `v1,${Buffer.alloc(32, i).toString('base64')}`).join(
        ' ',
      ),
    })),
    standard(
      'secret-as-text',
      'a MAC under the text whsec_…, as another sender’s scheme has it',
      INVALID,
      ({ sender, id, now, body }) => {
        const secret = sender.keys.find((key) => key.version === 'v1')?.secret ?? Buffer.alloc(24)
        const mac = createHmac('sha256', `whsec_${Buffer.from(secret).toString('base64')}`)
        return {
          signature: `v1,${mac.update(standardWebhooksContent(id, String(now), body)).digest('base64')}`,
        }
      },
    ),
    standard('body-alone', 'a MAC over the body alone', INVALID, ({ sender, body }) => {
      const secret = sender.keys.find((key) => key.version === 'v1')?.secret ?? Buffer.alloc(24)
      return { signature: `v1,${createHmac('sha256', secret).update(body).digest('base64')}` }
    }),
  ]
}

/** Standard Webhooks, `v1` and `v1a`. */
export const STANDARD_WEBHOOKS_ATTACKS: readonly Attack[] = [
  ...headers(),
  ...ids(),
  ...timestamps(),
  ...values(),
]
