import { parseStored } from '../../../ledger/store/entry-reader.ts'
import { eventBody, startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { expectRefused } from '../expect-refused.ts'
import { call } from '../http-caller.ts'
import type { Answer } from '../http-caller.ts'
import { hubSource, newSecret, signHub } from './scheme-sources.ts'

const secret = newSecret()
const next = newSecret()
const past = newSecret()
const secrets = [
  { text: secret },
  { text: next, until: new Date(Date.now() + 60_000) },
  { text: past, until: new Date(Date.now() - 1) },
]
let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startTestReceiver({ sources: [hubSource(secrets, 'base64'), hubSource(secrets, 'hex')] })
  for (const encoding of ['base64', 'hex'] as const)
    for (const each of [secret, next]) {
      const body = eventBody()
      await send(body, signHub(body, each, encoding), encoding)
    }
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

function send(
  body: string | Uint8Array,
  signature: string | string[] | undefined,
  encoding = 'base64',
): Promise<Answer> {
  const headers = {
    'content-type': 'application/json',
    ...(signature !== undefined && { 'x-hub-signature-256': signature }),
  }
  return call(`${receiver.url}/webhooks/hub-${encoding}`, { method: 'POST', headers, body })
}

describe.each(['base64', 'hex'] as const)('hub-sha256 in %s', (encoding) => {
  const deliver = (body: string | Uint8Array, signature: string | string[] | undefined): Promise<Answer> =>
    send(body, signature, encoding)

  test('takes a delivery that the secret signed, and either of two while one is exchanged', async () => {
    for (const each of [secret, next]) {
      const body = eventBody()
      expect(await deliver(body, signHub(body, each, encoding))).toMatchObject({ status: 202, text: '' })
    }
  })

  test('tells in the entry by which secret, without telling the secret', async () => {
    const body = eventBody()
    await deliver(body, signHub(body, secret, encoding))
    const index = receiver.ledger.reader.size() - 1
    const stored = receiver.ledger.reader.at(index)
    const { evidence } = stored ? parseStored(stored) : {}
    expect(evidence).toMatchObject({
      source: `hub-${encoding}`,
      scheme: 'hub-sha256',
      algorithm: 'HS256',
      encoding,
      keyThumbprint: expect.stringMatching(/^[\w-]{43}$/) as string,
    })
    const all = receiver.ledger.reader.page(0, 1000).map(({ text }) => text)
    expect(all.join('')).not.toContain(secret)
    expect(all.filter((text) => text.includes('"kind":"hmac"'))).toHaveLength(4)
    expect(receiver.logged()).not.toContain(secret)
  })

  test('stores an event once, however often it comes', async () => {
    const body = eventBody()
    await deliver(body, signHub(body, secret, encoding))
    const before = receiver.ledger.reader.size()
    expect(await deliver(body, signHub(body, next, encoding))).toMatchObject({ status: 202 })
    expect(receiver.ledger.reader.size()).toBe(before)
  })

  const body = bodyWhoseMacHasSigns()
  const mac = (): string => signHub(body, secret, encoding)
  const bytes = (): Buffer => Buffer.from(mac().slice('sha256='.length), encoding)
  const other = encoding === 'hex' ? 'base64' : 'hex'

  test.each<[string, () => string]>([
    ['signed with a secret that has run out', () => signHub(body, past, encoding)],
    ['signed with another secret', () => signHub(body, newSecret(), encoding)],
    ['of another body', () => signHub(eventBody(), secret, encoding)],
    ['of nothing', () => signHub('', secret, encoding)],
    ['of zeros', () => `sha256=${Buffer.alloc(32).toString(encoding)}`],
  ])('refuses with 401 a MAC %s', async (_name, signature) => {
    await expectRefused(receiver, 401, 'signature-invalid', () => deliver(body, signature()))
  })

  test.each<[string, () => string | string[] | undefined]>([
    ['that is missing', () => undefined],
    ['that is empty', () => ''],
    ['of no bytes', () => 'sha256='],
    ...[1, 16, 31].map((length): [string, () => string] => [
      `cut to ${length} bytes`,
      () => `sha256=${bytes().subarray(0, length).toString(encoding)}`,
    ]),
    ['with a byte more', () => `sha256=${Buffer.concat([bytes(), Buffer.from([0])]).toString(encoding)}`],
    ['in the other encoding', () => signHub(body, secret, other)],
    ['in upper case', () => mac().toUpperCase()],
    ['without its prefix', () => mac().slice('sha256='.length)],
    ['by SHA-1', () => mac().replace('sha256', 'sha1')],
    ['with a space in it', () => mac().replace('=', '= ')],
    ['twice in one header', () => `${mac()}, ${mac()}`],
    ['twice in two headers', () => [mac(), mac()]],
    ...(encoding === 'base64'
      ? ([
          ['without padding', () => mac().replace(/=+$/, '')],
          ['in base64url', () => `sha256=${bytes().toString('base64url')}=`],
          ['with stray bits', strayBits],
        ] as [string, () => string][])
      : []),
  ])('refuses with 400 a MAC %s', async (_name, signature) => {
    await expectRefused(receiver, 400, 'signature-malformed', () => deliver(body, signature()))
  })

  /** One MAC in four has neither + nor /, and is the same in base64url. */
  function bodyWhoseMacHasSigns(): string {
    for (;;) {
      const text = eventBody()
      if (/[+/]/.test(signHub(text, secret, 'base64'))) return text
    }
  }

  /** The last character of 32 bytes in base64 carries two bits that stand for nothing. */
  function strayBits(): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const text = mac()
    const last = alphabet.indexOf(text.at(-2) ?? '')
    return `${text.slice(0, -2)}${alphabet[last + 1] ?? ''}=`
  }
})

describe('hub-sha256', () => {
  test('verifies the bytes, not what they decode to', async () => {
    const text = eventBody({ note: '\uFFFD' })
    const garbled = Buffer.from(text.replace('\uFFFD', '\xff'), 'latin1')
    await expectRefused(receiver, 401, 'signature-invalid', () =>
      send(garbled, signHub(text, secret, 'base64')),
    )
  })

  test('holds the event\u2019s own time against a window where one is configured', async () => {
    const eventWindow = { windowS: 60, toleranceS: 60 }
    const strict = await startTestReceiver({ sources: [hubSource(secrets, 'hex', { eventWindow })] })
    const at = async (offsetS: number): Promise<number> => {
      const body = eventBody({ timestamp: new Date(Date.now() + offsetS * 1000).toISOString() })
      const headers = {
        'content-type': 'application/json',
        'x-hub-signature-256': signHub(body, secret, 'hex'),
      }
      return (await call(`${strict.url}/webhooks/hub-hex`, { method: 'POST', headers, body })).status
    }
    expect([await at(0), await at(-120), await at(120)]).toEqual([202, 401, 401])
    await strict.close()
  })
})
