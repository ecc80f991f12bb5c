import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { attacksOn, CORPUS } from '../../../cli/webhook/attacks/corpus.ts'
import { runAttack } from '../../../cli/webhook/attacks/run-attack.ts'
import { sendRaw } from '../../../cli/webhook/send-raw.ts'
import { DEFAULT_HEADERS, sampleBody, SCHEMES, signDelivery } from '../../../cli/webhook/sender.ts'
import type { Sender } from '../../../cli/webhook/sender.ts'
import { formatVerificationKey } from '../../../cli/webhook/standard-webhooks-key.ts'
import type { Entry } from '../../../ledger/entry/entry.ts'
import { parseStored } from '../../../ledger/store/entry-reader.ts'
import type { EdgeSource } from '../../../receiver/edge/delivery-route.ts'
import { parseEventBridgeEvent } from '../../../receiver/webhook/events/eventbridge-event.ts'
import { parseEvent } from '../../../receiver/webhook/events/webhook-event.ts'
import { readEd25519PublicKey } from '../../../receiver/webhook/keys/ed25519-public-key.ts'
import { pinnedKeys } from '../../../receiver/webhook/keys/key-sources.ts'
import { readSharedSecret } from '../../../receiver/webhook/keys/shared-secret.ts'
import { readKeySet } from '../../../receiver/webhook/keys/webhook-key.ts'
import { apiKeyScheme } from '../../../receiver/webhook/schemes/api-key.ts'
import { hubScheme } from '../../../receiver/webhook/schemes/hub-sha256.ts'
import { jwsScheme } from '../../../receiver/webhook/schemes/jws.ts'
import type { VerifySignature } from '../../../receiver/webhook/schemes/scheme.ts'
import { standardWebhooksScheme } from '../../../receiver/webhook/schemes/standard-webhooks.ts'
import { EVENT_TYPES, startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { call } from '../../receiver/http-caller.ts'

/** A sender, and the source that its receiver knows it as. */
interface Pair {
  readonly verify: VerifySignature
  /** Default: the format of filter events. */
  readonly parse?: EdgeSource['parse']
  /** At the URL of its source's route. */
  readonly senderAt: (url: URL) => Sender
}

const WINDOW = { windowS: 300, toleranceS: 300 } as const
const base = { now: () => new Date(), newId: randomUUID, sample: 'created' } as const

async function jws(alg: 'ES256' | 'EdDSA' | 'RS256', b64 = true): Promise<Pair> {
  const { publicKey, privateKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : alg === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = `Key-${alg}`
  const header = DEFAULT_HEADERS.jws
  const keys = await readKeySet({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid }] })
  return {
    verify: jwsScheme({
      ...WINDOW,
      signatureHeader: header,
      algorithms: [alg],
      resolveKey: pinnedKeys(keys),
      b64,
    }),
    senderAt: (url) => ({ ...base, scheme: 'jws', url, header, key: { alg, kid, privateKey, b64 } }),
  }
}

function hub(encoding: 'base64' | 'hex'): Pair {
  const text = randomBytes(32).toString('base64url')
  const header = DEFAULT_HEADERS['hub-sha256']
  return {
    verify: hubScheme({ signatureHeader: header, encoding, secrets: [readSharedSecret(text, 'text')] }),
    senderAt: (url) => ({
      ...base,
      scheme: 'hub-sha256',
      url,
      header,
      key: { secret: Buffer.from(text), encoding },
    }),
  }
}

function standardWebhooks(versions: readonly ('v1' | 'v1a')[]): Pair {
  const secret = randomBytes(32)
  const { privateKey } = generateKeyPairSync('ed25519')
  const keys = versions.map((version) =>
    version === 'v1' ? ({ version, secret } as const) : ({ version, privateKey } as const),
  )
  return {
    verify: standardWebhooksScheme({
      ...WINDOW,
      secrets: versions.includes('v1')
        ? [readSharedSecret(`whsec_${secret.toString('base64')}`, 'whsec')]
        : [],
      publicKeys: versions.includes('v1a') ? [readEd25519PublicKey(formatVerificationKey(privateKey))] : [],
    }),
    senderAt: (url) => ({
      ...base,
      scheme: 'standard-webhooks',
      url,
      header: DEFAULT_HEADERS['standard-webhooks'],
      keys,
    }),
  }
}

function apiKey(header: string): Pair {
  const key = randomBytes(32).toString('base64url')
  return {
    verify: apiKeyScheme({ keyHeader: header, secrets: [readSharedSecret(key, 'text')] }),
    parse: ({ body }) => parseEventBridgeEvent(body),
    senderAt: (url) => ({ ...base, sample: 'eventbridge', scheme: 'api-key', url, header, key }),
  }
}

const PAIRS: Readonly<Record<string, () => Pair | Promise<Pair>>> = {
  'jws-es256': () => jws('ES256'),
  'jws-eddsa': () => jws('EdDSA'),
  'jws-rs256': () => jws('RS256'),
  'jws-raw': () => jws('ES256', false),
  'hub-base64': () => hub('base64'),
  'hub-hex': () => hub('hex'),
  'standard-v1': () => standardWebhooks(['v1']),
  'standard-v1a': () => standardWebhooks(['v1a']),
  'standard-both': () => standardWebhooks(['v1', 'v1a']),
  'api-key-bearer': () => apiKey('authorization'),
  'api-key-bare': () => apiKey('x-api-key'),
}

const SCHEME_OF = (name: string) =>
  SCHEMES.find((scheme) => name.startsWith(scheme.split('-')[0] ?? '')) ?? 'jws'

let receiver: TestReceiver
const pairs = new Map<string, Pair>()

beforeAll(async () => {
  for (const [name, make] of Object.entries(PAIRS)) pairs.set(name, await make())
  const sources = [...pairs].map(([name, { verify, parse = parseEvent }]): EdgeSource => ({
    name,
    verify,
    parse,
    eventTypes: EVENT_TYPES,
  }))
  receiver = await startTestReceiver({ sources })
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

function senderOf(name: string): Sender {
  const sender = pairs.get(name)?.senderAt(new URL(`${receiver.url}/webhooks/${name}`))
  if (!sender) throw new TypeError('no such sender')
  return sender
}

/** The entries of events since then: neither keys nor what is in quarantine. */
function eventsSince(size: number): readonly Entry[] {
  const { reader } = receiver.ledger
  return reader
    .page(size, reader.size() - size)
    .map(parseStored)
    .filter(({ type, action }) => type !== 'key.observed' && action !== 'quarantine')
}

describe('the corpus', () => {
  test('has a name of its own for each attack, in lower case with hyphens', () => {
    const names = CORPUS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([])
  })

  test.each(SCHEMES)('has attacks on %s', (scheme) => {
    expect(attacksOn(scheme).length).toBeGreaterThan(50)
  })
})

describe.each(Object.keys(PAIRS))('a receiver with a source %s', (name) => {
  test('takes what its sender signs', async () => {
    const sender = senderOf(name)
    const body = sampleBody(sender)
    const headers = { ...Object.fromEntries(signDelivery(sender, body)), 'content-type': 'application/json' }
    const before = receiver.ledger.reader.size()
    expect(await call(sender.url.href, { method: 'POST', headers, body })).toMatchObject({ status: 202 })
    expect(eventsSince(before)).toMatchObject([{ evidence: { source: name }, status: 'SUCCESS' }])
  })

  const quick = attacksOn(SCHEME_OF(name)).filter(({ isSlow }) => !isSlow)

  test.each(quick.map((attack) => [attack.name, attack] as const))('withstands %s', async (_name, attack) => {
    const sender = senderOf(name)
    if (attack.needs && !attack.needs.holds(sender)) return
    const before = receiver.ledger.reader.size()
    const { steps } = await runAttack(attack, sender, sendRaw)
    const answers = steps.map(({ kind, answer, expected }) => ({
      kind,
      status: answer?.status,
      problem: expected.problem && answer?.problem,
    }))
    expect(answers).toEqual(
      steps.map(({ expected: { status, problem } }) => ({ kind: 'answered', status, problem })),
    )
    expect(eventsSince(before)).toHaveLength(attack.stores ?? 0)
  })
})

describe('a receiver that is sent to slowly', () => {
  test('cuts off headers and bodies that do not come', async () => {
    const sender = senderOf('jws-es256')
    const before = receiver.ledger.reader.size()
    const slow = attacksOn('jws').filter(({ isSlow }) => isSlow)
    const results = await Promise.all(slow.map((attack) => runAttack(attack, sender, sendRaw)))
    expect(results.map(({ name, steps }) => [name, steps[0]?.answer?.status])).toEqual([
      ['slow-headers', 408],
      ['slow-body', 408],
    ])
    expect(receiver.ledger.reader.size()).toBe(before)
  }, 90_000)
})
