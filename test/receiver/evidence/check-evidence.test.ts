import Database from 'better-sqlite3'
import type { JsonObject, Submission } from '../../../ledger/entry/entry.ts'
import { openEvidence } from '../../../cli/commands/ledger/verify-evidence.ts'
import { openReader } from '../../../ledger/store/entry-reader.ts'
import { verifyLedger } from '../../../ledger/verify/verify-ledger.ts'
import type { VerifyOptions } from '../../../ledger/verify/verify-ledger.ts'
import { startVerifyThreads } from '../../../ledger/verify/verify-threads.ts'
import { MIGRATIONS } from '../../../migrations/migrations.ts'
import { readSharedSecret } from '../../../receiver/webhook/keys/shared-secret.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { eventBody, startTestReceiver } from '../../support/test-receiver.ts'
import { rewrittenLedger, submissionsOf, withBodies, withEvidence } from './rewritten-ledger.ts'
import { makeSignedSenders } from './signed-senders.ts'
import type { SignedSenders } from './signed-senders.ts'

const SCRIPT = new URL('../../../dist/ledger/verify/verify-thread.js', import.meta.url)

let senders: SignedSenders
/** key.observed, event, event of `genesys`; then a key and an event of each other source. */
let received: readonly Submission[]

beforeAll(async () => {
  senders = await makeSignedSenders()
  // One clock for both events: signed in one second, a signature that is swapped is wrong by nothing but itself.
  const now = new Date()
  const receiver = await startTestReceiver({ sources: senders.sources, now: () => now })
  for (let i = 0; i < 2; i++) expect(await receiver.deliver(eventBody())).toMatchObject({ status: 202 })
  for (const source of ['hub-hex', 'standard', 'standard-ed25519', 'raw-jws'] as const)
    expect(await senders.deliver(receiver.url, source)).toMatchObject({ status: 202 })
  await receiver.close()
  received = await submissionsOf(receiver.file)
})

afterAll(removeTempFolders)

const KEY = 0
const EVENT = 1
const OTHER = 2
const at = (type: string, scheme?: string): number =>
  received.findIndex(({ entry }) => entry.type === type && (!scheme || entry.evidence?.['scheme'] === scheme))

async function verify(submissions: readonly Submission[]) {
  return verifyFile(await rewrittenLedger(submissions))
}

async function verifyFile(file: string, options: VerifyOptions = {}) {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const { hub, standard } = senders.secrets
  const secrets = [readSharedSecret(hub, 'text'), readSharedSecret(standard, 'whsec')]
  try {
    const evidence = await openEvidence(reader, secrets)
    const report = await verifyLedger(reader.connection, { checkEvidence: evidence.check, ...options })
    return { findings: report.findings, evidence: evidence.report() }
  } finally {
    await reader.close()
  }
}

const replaced = (index: number, by: Submission): readonly Submission[] => received.with(index, by)

test('what a receiver wrote holds, whatever the scheme', async () => {
  const { findings, evidence } = await verify(received)
  expect(findings).toEqual([])
  expect(evidence).toMatchObject({
    entries: 6,
    wrong: 0,
    schemes: {
      jws: { verified: 3 },
      'hub-sha256': { verified: 1 },
      'standard-webhooks': { verified: 2 },
    },
    unusedSecrets: [],
  })
  expect(evidence.keys).toHaveLength(5)
  expect(evidence.keys[0]).toMatchObject({ kind: 'public', verified: 2 })
})

test('a key entry may come after the entries that need it', async () => {
  const [key, ...rest] = received
  if (!key) throw new TypeError('no key')
  expect((await verify([...rest, key])).findings).toEqual([])
})

describe('somebody who can sign checkpoints is found out who', () => {
  test('puts the signature of another event beside an entry', async () => {
    const swapped = received
      .with(EVENT, withBodies(received[EVENT], received[OTHER], ['signature']))
      .with(OTHER, withBodies(received[OTHER], received[EVENT], ['signature']))
    const { findings, evidence } = await verify(swapped)
    expect(findings).toMatchObject([
      { index: EVENT, code: 'evidence-signature-wrong' },
      { index: OTHER, code: 'evidence-signature-wrong' },
    ])
    expect(evidence).toMatchObject({ wrong: 2, schemes: { jws: { verified: 1 } } })
  })

  test('puts body and signature of another event beside an entry', async () => {
    const moved = replaced(EVENT, withBodies(received[EVENT], received[OTHER], ['body', 'signature']))
    expect((await verify(moved)).findings).toMatchObject([{ index: EVENT, code: 'evidence-mismatch' }])
  })

  test.each<[string, JsonObject]>([
    ['event id', { eventId: 'e-0' }],
    ['event type', { eventType: 'ai:llm-gateway:filter:deleted' }],
    ['filter', { filter: { id: 'f-1', name: 'another filter' } }],
  ])('tells another %s than was signed', async (_name, changes) => {
    const event = received[EVENT]
    if (!event) throw new TypeError('no event')
    const told = { ...event, entry: { ...event.entry, data: { ...event.entry.data, ...changes } } }
    expect((await verify(replaced(EVENT, told))).findings).toMatchObject([
      { index: EVENT, code: 'evidence-mismatch' },
    ])
  })

  test('tells another time of the event', async () => {
    const event = received[EVENT]
    if (!event) throw new TypeError('no event')
    const told = { ...event, entry: { ...event.entry, occurredAt: '2026-01-30T12:00:00.000Z' } }
    expect((await verify(replaced(EVENT, told))).findings).toMatchObject([{ code: 'evidence-mismatch' }])
  })

  test.each<[string, JsonObject]>([
    ['algorithm', { algorithm: 'RS256' }],
    ['algorithm that does not exist', { algorithm: 'none' }],
    ['key id', { keyId: 'another' }],
    ['time of signing', { signedAt: 1_700_000_000 }],
    ['scheme', { scheme: 'hub-sha256' }],
    ['scheme, which needs no signature', { scheme: 'api-key', signedAt: undefined }],
    ['scheme that does not exist', { scheme: 'trust-me' }],
    ['payload encoding', { b64: false }],
  ])('claims another %s', async (_name, changes) => {
    const { findings } = await verify(replaced(EVENT, withEvidence(received[EVENT], changes)))
    expect(findings).toMatchObject([{ index: EVENT, code: 'evidence-mismatch' }])
  })

  test('claims nothing, and leaves the signature there', async () => {
    const event = received[EVENT]
    if (!event) throw new TypeError('no event')
    const { evidence, ...bare } = event.entry
    expect(evidence).toBeDefined()
    const { findings } = await verify(replaced(EVENT, { ...event, entry: bare }))
    expect(findings).toMatchObject([{ index: EVENT, code: 'evidence-mismatch' }])
  })

  test('claims a time for a scheme that signs none', async () => {
    const index = at('filter.updated', 'hub-sha256')
    const { findings } = await verify(
      replaced(index, withEvidence(received[index], { signedAt: 1_700_000_000 })),
    )
    expect(findings).toMatchObject([{ index, code: 'evidence-mismatch' }])
  })

  test('claims another time for a Standard Webhooks delivery', async () => {
    const index = at('filter.updated', 'standard-webhooks')
    const { findings } = await verify(
      replaced(index, withEvidence(received[index], { signedAt: 1_700_000_000 })),
    )
    expect(findings).toMatchObject([{ index, code: 'evidence-mismatch' }])
  })

  test('changes a byte of a body', async () => {
    for (const scheme of ['jws', 'hub-sha256', 'standard-webhooks']) {
      const index = at('filter.updated', scheme)
      const submission = received[index]
      if (!submission?.bodies) throw new TypeError('no bodies')
      const bodies = submission.bodies.map((body) =>
        body.name === 'body' ? { ...body, bytes: Buffer.concat([body.bytes, Buffer.from(' ')]) } : body,
      )
      const { findings } = await verify(replaced(index, { ...submission, bodies }))
      expect(findings).toMatchObject([{ index, code: 'evidence-signature-wrong' }])
    }
  })

  test('takes the key away', async () => {
    const { findings } = await verify(received.toSpliced(KEY, 1))
    expect(findings.map(({ code }) => code)).toEqual(['evidence-key-missing', 'evidence-key-missing'])
  })

  test('keeps another key under the name of the one', async () => {
    const keys = received.filter(({ entry }) => entry.data['jwk'] !== undefined)
    const [first, second] = keys
    if (!first || !second) throw new TypeError('no keys')
    const lying = {
      ...first,
      entry: { ...first.entry, data: { ...first.entry.data, jwk: second.entry.data['jwk'] } },
    }
    const { findings } = await verify(replaced(KEY, lying))
    expect(findings.map(({ index, code }) => [index, code])).toEqual([
      [KEY, 'evidence-key-mismatch'],
      [EVENT, 'evidence-key-missing'],
      [OTHER, 'evidence-key-missing'],
    ])
  })

  test.each<[string, JsonObject]>([
    ['no thumbprint', { jwk: { kty: 'OKP' } }],
    ['no key', { thumbprint: 'x' }],
    ['a key that is none', { thumbprint: 'x', jwk: 'none' }],
    ['a private key of an unknown kind', { thumbprint: 'x', jwk: { kty: 'oct', k: 'AA' } }],
  ])('keeps %s in a key entry', async (_name, data) => {
    const key = received[KEY]
    if (!key) throw new TypeError('no key')
    const { findings } = await verify([...received, { entry: { ...key.entry, data } }])
    expect(findings).toMatchObject([{ index: received.length, code: 'evidence-key-mismatch' }])
  })
})

test('a body that is not the one committed to is no evidence, and is found', async () => {
  const file = await rewrittenLedger(received)
  const db = withoutTriggers(file)
  db.prepare(
    `UPDATE bodies SET body = (SELECT body FROM bodies WHERE idx = ? AND name = 'body')
    WHERE idx = ? AND name = 'body'`,
  ).run(OTHER, EVENT)
  db.close()
  const { findings, evidence } = await verifyFile(file)
  expect(findings).toMatchObject([{ index: EVENT, code: 'body-mismatch' }])
  expect(evidence).toMatchObject({ schemes: { jws: { verified: 2, erased: 1 } } })
})

test('an entry that is no object any more is found, and stops nothing', async () => {
  const file = await rewrittenLedger(received)
  const db = withoutTriggers(file)
  db.prepare('UPDATE entries SET entry = ? WHERE idx = ?').run(Buffer.from('7'), OTHER)
  db.close()
  const { findings, evidence } = await verifyFile(file)
  expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining(['leaf-hash-mismatch']))
  expect(evidence).toMatchObject({ entries: 5, wrong: 0 })
})

test('threads that share the reading change nothing', async () => {
  const file = await rewrittenLedger(received)
  const threads = startVerifyThreads(file, 2, SCRIPT)
  try {
    expect(await verifyFile(file, { threads })).toEqual(await verifyFile(file))
  } finally {
    await threads.close()
  }
})

/** The file as somebody has it who may write to it: nothing refuses a change. */
function withoutTriggers(file: string): Database.Database {
  const db = new Database(file)
  for (const name of db
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`)
    .pluck()
    .all())
    db.exec(`DROP TRIGGER ${name}`)
  return db
}
