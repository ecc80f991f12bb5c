import { createHmac } from 'node:crypto'
import { sampleBody } from '../sender.ts'
import type { HubSender } from '../sender.ts'
import { INVALID, MALFORMED, once, post } from './attack.ts'
import type { Attack, ExpectedAnswer } from './attack.ts'
import type { HubEncoding } from '../sign-hub.ts'
import { strayBits } from './base64.ts'

interface Forge {
  readonly sender: HubSender
  readonly body: Buffer
  /** The genuine MAC. */
  readonly mac: Buffer
  /** Bytes as the source writes them. */
  readonly write: (bytes: Buffer) => string
}

function hub(
  name: string,
  description: string,
  expect: ExpectedAnswer,
  value: (forge: Forge) => string,
): Attack {
  const steps = once((sender) => {
    if (sender.scheme !== 'hub-sha256')
      throw new TypeError('this attack needs a sender that signs with x-hub-signature-256')
    const body = sampleBody(sender)
    const { secret, encoding } = sender.key
    const mac = createHmac('sha256', secret).update(body).digest()
    const forge = { sender, body, mac, write: (bytes: Buffer) => bytes.toString(encoding) }
    return post(sender, { body, headers: [[sender.header, value(forge)]] })
  })
  return { name, schemes: ['hub-sha256'], description, expect, steps }
}

function withEncoding(attack: Attack, encoding: HubEncoding): Attack {
  const holds: NonNullable<Attack['needs']>['holds'] = (sender) =>
    sender.scheme === 'hub-sha256' && sender.key.encoding === encoding
  return { ...attack, needs: { what: `a source in ${encoding}`, holds } }
}

const cut = (length: number): Attack =>
  hub(
    `hub-mac-of-${length}-bytes`,
    `the first ${length} bytes of the MAC`,
    MALFORMED,
    ({ mac, write }) => `sha256=${write(mac.subarray(0, length))}`,
  )

/** `x-hub-signature-256`: base64 for Genesys Cloud Open Messaging, lower-case hex for GitHub and Meta. */
export const HUB_ATTACKS: readonly Attack[] = [
  ...[0, 1, 16, 31].map(cut),
  hub(
    'hub-mac-longer',
    'the MAC with a byte behind it',
    MALFORMED,
    ({ mac, write }) => `sha256=${write(Buffer.concat([mac, Buffer.alloc(1)]))}`,
  ),
  hub('hub-flipped-bit', 'one bit of the MAC changed', INVALID, ({ mac, write }) => {
    const flipped = Buffer.from(mac)
    flipped[8] = (flipped[8] ?? 0) ^ 1
    return `sha256=${write(flipped)}`
  }),
  hub('hub-zeros', 'a MAC of zeros', INVALID, ({ write }) => `sha256=${write(Buffer.alloc(32))}`),
  hub('hub-without-prefix', 'the MAC without sha256=', MALFORMED, ({ mac, write }) => write(mac)),
  hub(
    'hub-sha1',
    'a genuine MAC of SHA-1 under its own prefix',
    MALFORMED,
    ({ sender, body, write }) => `sha1=${write(createHmac('sha1', sender.key.secret).update(body).digest())}`,
  ),
  hub('hub-prefix-in-capitals', 'SHA256= in capitals', MALFORMED, ({ mac, write }) => `SHA256=${write(mac)}`),
  hub('hub-prefix-twice', 'sha256= twice', MALFORMED, ({ mac, write }) => `sha256=sha256=${write(mac)}`),
  hub('hub-space-inside', 'a space behind sha256=', MALFORMED, ({ mac, write }) => `sha256= ${write(mac)}`),
  hub(
    'hub-more-behind',
    'the MAC, and a parameter',
    MALFORMED,
    ({ mac, write }) => `sha256=${write(mac)};v=1`,
  ),
  hub(
    'hub-plain-hash',
    'a hash of the body, without the secret',
    INVALID,
    ({ body, write }) => `sha256=${write(createHmac('sha256', '').update(body).digest())}`,
  ),
  ...['secret', 'development', 'changeme'].map((secret) =>
    hub(
      `hub-guessed-${secret}`,
      `the MAC under the secret “${secret}”`,
      INVALID,
      ({ body, write }) => `sha256=${write(createHmac('sha256', secret).update(body).digest())}`,
    ),
  ),
  withEncoding(
    hub(
      'hub-upper-case-hex',
      'the MAC in upper-case hex',
      MALFORMED,
      ({ mac }) => `sha256=${mac.toString('hex').toUpperCase()}`,
    ),
    'hex',
  ),
  withEncoding(
    hub(
      'hub-base64-for-hex',
      'the MAC in base64, to a source in hex',
      MALFORMED,
      ({ mac }) => `sha256=${mac.toString('base64')}`,
    ),
    'hex',
  ),
  withEncoding(
    hub(
      'hub-hex-for-base64',
      'the MAC in hex, to a source in base64',
      MALFORMED,
      ({ mac }) => `sha256=${mac.toString('hex')}`,
    ),
    'base64',
  ),
  withEncoding(
    hub(
      'hub-base64url',
      'the MAC in base64url',
      MALFORMED,
      ({ mac }) => `sha256=-_${mac.toString('base64url').slice(2)}`,
    ),
    'base64',
  ),
  withEncoding(
    hub(
      'hub-base64-unpadded',
      'the MAC without its padding',
      MALFORMED,
      ({ mac }) => `sha256=${mac.toString('base64').replace('=', '')}`,
    ),
    'base64',
  ),
  withEncoding(
    hub(
      'hub-base64-stray-bits',
      'the MAC with bits behind it that stand for nothing',
      MALFORMED,
      ({ mac }) => `sha256=${strayBits(mac.toString('base64'))}`,
    ),
    'base64',
  ),
]
