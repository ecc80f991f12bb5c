import { parseStored } from '../../../ledger/store/entry-reader.ts'
import { readEd25519PublicKey } from '../../../receiver/webhook/keys/ed25519-public-key.ts'
import { eventBody, startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { expectRefused } from '../expect-refused.ts'
import { call } from '../http-caller.ts'
import type { Answer } from '../http-caller.ts'
import {
  asymmetricHeaders,
  newStandardKeys,
  newWhsec,
  standardHeaders,
  standardSource,
} from './scheme-sources.ts'
import type { StandardHeaders } from './scheme-sources.ts'

const keys = newStandardKeys()
const old = newWhsec()
const body = eventBody()
let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startTestReceiver({ sources: [standardSource([keys.whsec, old], [keys.whpk])] })
  await deliver(body, standardHeaders(body, keys.whsec))
  await deliver(body, asymmetricHeaders(body, keys))
  await deliver(body, standardHeaders(body, old))
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

function deliver(
  sent: string | Uint8Array,
  headers: Readonly<Record<string, string | string[]>>,
): Promise<Answer> {
  return call(`${receiver.url}/webhooks/standard`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: sent,
  })
}

describe('Standard Webhooks', () => {
  test('are taken with v1, with v1a, and with the secret that is being exchanged', async () => {
    for (const headers of [
      standardHeaders(body, keys.whsec),
      asymmetricHeaders(body, keys),
      standardHeaders(body, old),
    ])
      expect(await deliver(body, headers)).toMatchObject({ status: 202, text: '' })
  })

  test('need one signature that holds, wherever it stands, and pass over versions of the future', async () => {
    const good = standardHeaders(body, keys.whsec)
    const wrong = standardHeaders(body, newWhsec())['webhook-signature']
    const list = `v2,bmV3 ${wrong} v1a,${Buffer.alloc(64).toString('base64')} ${good['webhook-signature']}`
    expect(await deliver(body, { ...good, 'webhook-signature': list })).toMatchObject({ status: 202 })
  })

  test('have their id from the header, which the signature covers, also where the body has one', async () => {
    const headers = standardHeaders(body, keys.whsec)
    await deliver(body, headers)
    const before = receiver.ledger.reader.size()
    expect(await deliver(body, headers)).toMatchObject({ status: 202 })
    expect(receiver.ledger.reader.size()).toBe(before)
    const another = eventBody()
    const reused = standardHeaders(another, keys.whsec, { id: headers['webhook-id'] })
    await expectRefused(receiver, 409, 'event-conflict', () => deliver(another, reused))
    const stored = receiver.ledger.reader.at(before - 1)
    expect(stored && parseStored(stored)).toMatchObject({
      data: { eventId: headers['webhook-id'] },
      evidence: {
        scheme: 'standard-webhooks',
        algorithm: 'HS256',
        signedAt: Number(headers['webhook-timestamp']),
      },
    })
  })

  test('may name their type as the specification does', async () => {
    const text = JSON.stringify({
      type: 'ai:llm-gateway:filter:created',
      timestamp: new Date().toISOString(),
      filter: { id: 'f-9', name: 'nine' },
    })
    expect(await deliver(text, standardHeaders(text, keys.whsec))).toMatchObject({ status: 202 })
    const stored = receiver.ledger.reader.at(receiver.ledger.reader.size() - 1)
    expect(stored && parseStored(stored)).toMatchObject({ type: 'filter.created', entity: { id: 'f-9' } })
  })

  test('reads the public key of the specification\u2019s reference server', () => {
    const key = readEd25519PublicKey('whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=')
    expect(key.jwk).toMatchObject({ kty: 'OKP', crv: 'Ed25519' })
  })
})

describe('a forged or late one is 401', () => {
  const now = (): number => Math.floor(Date.now() / 1000)
  const at = (timestamp: string): StandardHeaders => standardHeaders(body, keys.whsec, { timestamp })

  test.each<[string, () => StandardHeaders]>([
    ['another secret', () => standardHeaders(body, newWhsec())],
    ['another body', () => standardHeaders(eventBody(), keys.whsec)],
    ['another id', () => ({ ...at(String(now())), 'webhook-id': 'msg_other' })],
    ['another time', () => ({ ...at(String(now())), 'webhook-timestamp': String(now() - 1) })],
    ['another private key', () => asymmetricHeaders(body, newStandardKeys())],
    ['the secret as v1a', () => relabelled('v1a')],
    ['only unknown versions', () => ({ ...at(String(now())), 'webhook-signature': 'v9,AAAA v2,AA==' })],
    ['too old', () => at(String(now() - 305))],
    ['too far ahead', () => at(String(now() + 305))],
    ['ten years ahead', () => at(String(now() + 315_360_000))],
    ...[
      'abc',
      `${now()}abc`,
      `+${now()}`,
      `${now()}.9`,
      '1e9',
      '-1',
      '',
      String(Date.now()),
      '9'.repeat(20),
    ].map((text): [string, () => StandardHeaders] => [
      `a timestamp of ${JSON.stringify(text)}`,
      () => at(text),
    ]),
  ])('%s', async (_name, headers) => {
    await expectRefused(receiver, 401, 'signature-invalid', () => deliver(body, headers()))
  })

  function relabelled(version: string): StandardHeaders {
    const bytes = Buffer.alloc(64)
    Buffer.from(standardHeaders(body, keys.whsec)['webhook-signature'].slice(3), 'base64').copy(bytes)
    return { ...at(String(now())), 'webhook-signature': `${version},${bytes.toString('base64')}` }
  }
})

describe('one whose headers cannot be read is 400', () => {
  const good = (): StandardHeaders => standardHeaders(body, keys.whsec)
  const signed = (change: (signature: string) => string) => (): StandardHeaders => {
    const headers = good()
    return { ...headers, 'webhook-signature': change(headers['webhook-signature']) }
  }

  test.each<[string, () => Readonly<Record<string, string | string[]>>]>([
    ['no id', () => without('webhook-id')],
    ['no timestamp', () => without('webhook-timestamp')],
    ['no signature', () => without('webhook-signature')],
    ['an empty signature', signed(() => '')],
    ['an empty v1', signed(() => 'v1,')],
    ['v1 and something behind it', signed((text) => `${text},junk`)],
    ['no version', signed((text) => text.slice(3))],
    ['two spaces', signed((text) => `${text}  ${text}`)],
    ['no padding', signed((text) => text.replace(/=+$/, ''))],
    ['a MAC cut to 31 bytes', signed((text) => `v1,${cut(text, 31)}`)],
    ['a MAC of 1 byte', signed((text) => `v1,${cut(text, 1)}`)],
    ['a v1a of 32 bytes', signed((text) => `v1a,${text.slice(3)}`)],
    ['nine signatures', signed((text) => Array(9).fill(text).join(' '))],
    ['the signature twice', () => ({ ...good(), 'webhook-signature': Array<string>(2).fill('v1,AAAA') })],
    ['the id twice', () => ({ ...good(), 'webhook-id': ['a', 'b'] })],
    ['an id with a dot', () => standardHeaders(body, keys.whsec, { id: 'msg.1' })],
    ['an empty id', () => standardHeaders(body, keys.whsec, { id: '' })],
    ['an id with a space', () => standardHeaders(body, keys.whsec, { id: 'a b' })],
    ['an id of 129 characters', () => standardHeaders(body, keys.whsec, { id: 'x'.repeat(129) })],
  ])('%s', async (_name, headers) => {
    await expectRefused(receiver, 400, 'signature-malformed', () => deliver(body, headers()))
  })

  test('(id a.T, body {}) is not (id a, body T.{})', async () => {
    const headers = standardHeaders('{}', keys.whsec, { id: 'a.1700000000' })
    const moved = { ...headers, 'webhook-id': 'a', 'webhook-timestamp': '1700000000' }
    await expectRefused(receiver, 401, 'signature-invalid', () =>
      deliver(`${headers['webhook-timestamp']}.{}`, moved),
    )
  })

  function without(name: string): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.entries(good()).filter(([header]) => header !== name))
  }

  function cut(text: string, length: number): string {
    return Buffer.from(text.slice(3), 'base64').subarray(0, length).toString('base64')
  }
})
