import { copyFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { archiveEntries } from '../../ledger/archive/archive-entries.ts'
import { eraseBodies } from '../../ledger/erase/erase-bodies.ts'
import type { EvidenceReport } from '../../receiver/webhook/evidence/evidence-tally.ts'
import { ALGORITHMS } from '../../receiver/webhook/schemes/asymmetric.ts'
import { makeSignedSenders, SOURCE_NAMES } from '../receiver/evidence/signed-senders.ts'
import type { SignedSenders } from '../receiver/evidence/signed-senders.ts'
import { rewrittenLedger, submissionsOf, withBodies } from '../receiver/evidence/rewritten-ledger.ts'
import { openTempLedger, removeTempFolders, tempFolder, TEST_SIGNER } from '../support/temp-ledger.ts'
import { eventBody, startTestReceiver } from '../support/test-receiver.ts'
import { runCli } from './run-cli.ts'
import type { CliResult } from './run-cli.ts'

afterAll(removeTempFolders)

let senders: SignedSenders
/** A ledger with deliveries of every scheme and algorithm. */
let original = ''
/** The checkpoint after a part of them. */
let kept = ''
/** An entry of scheme jws. */
let event = 0

beforeAll(async () => {
  senders = await makeSignedSenders()
  const receiver = await startTestReceiver({ sources: senders.sources })
  for (const algorithm of ALGORITHMS) {
    const body = eventBody()
    const signature = await receiver.signers[algorithm].sign(Buffer.from(body))
    expect(await receiver.deliver(body, signature)).toMatchObject({ status: 202 })
  }
  event = receiver.ledger.reader.size() - 1
  kept = receiver.ledger.log.checkpoint() ?? ''
  for (const source of SOURCE_NAMES)
    expect(await senders.deliver(receiver.url, source)).toMatchObject({ status: 202 })
  await receiver.deliver(eventBody())
  await receiver.close()
  original = receiver.file
})

interface EvidenceJson {
  readonly ok: boolean
  readonly findings: readonly { readonly code: string; readonly index: number }[]
  readonly evidence: EvidenceReport
}

const env = (): Record<string, string> => ({
  HUB: senders.secrets.hub,
  GUESSED: 'development',
})

function verify(file: string, ...more: readonly string[]): Promise<CliResult> {
  return runCli(['ledger', 'verify', file, '--evidence', ...more], { cwd: dirname(file), env: env() })
}

async function verifyJson(
  file: string,
  ...more: readonly string[]
): Promise<EvidenceJson & { code: number | null }> {
  const { code, out, err } = await verify(file, '--json', ...more)
  expect(err).toBe('')
  return { code, ...(JSON.parse(out) as EvidenceJson) }
}

function secretFile(mode = 0o600): string {
  const path = join(tempFolder(), 'standard.secret')
  writeFileSync(path, `${senders.secrets.standard}\n`, { mode })
  return path
}

describe('ledger verify --evidence', () => {
  test('verifies what needs no secret, and says which secrets it would need', async () => {
    const { code, out, err } = await verify(original)
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('is whole')
    expect(out).toMatch(
      /signatures: 7 verified \(jws 6, standard-webhooks 1\), 4 need a secret \(--secret\), 1 by a shared key, which signs nothing/,
    )
    expect(out).toMatch(/ {2}secret [\w-]{43}: 3 need it/)
    expect(out).toMatch(/ {2}key [\w-]{43}, the sender's ES256-[\w-]+: 2 verified/)
    expect(out).toContain('compare these thumbprints (RFC 7638)')
    for (const secret of Object.values(senders.secrets)) expect(out).not.toContain(secret)
  })

  test('verifies all with the secrets, from a variable or a file', async () => {
    const { code, ok, evidence } = await verifyJson(original, '--secret', 'env:HUB', `file:${secretFile()}`)
    expect([code, ok]).toEqual([0, true])
    const none = { erased: 0, needSecret: 0 }
    expect(evidence).toMatchObject({
      entries: 12,
      wrong: 0,
      schemes: {
        jws: { verified: 6, signNothing: 0, ...none },
        'hub-sha256': { verified: 3, signNothing: 0, ...none },
        'standard-webhooks': { verified: 2, signNothing: 0, ...none },
        'api-key': { verified: 0, signNothing: 1, ...none },
      },
    })
    expect(evidence.keys.filter(({ kind }) => kind === 'public')).toHaveLength(6)
    // The whsec_ text might have been a key as it stands; it was not.
    expect(evidence.unusedSecrets).toHaveLength(1)
  })

  test('with --since looks at newer signatures alone, and still finds the keys of before', async () => {
    const old = join(tempFolder(), 'checkpoint')
    writeFileSync(old, kept)
    const { code, evidence } = await verifyJson(original, '--since', old)
    expect(code).toBe(0)
    expect(evidence.schemes.jws).toMatchObject({ verified: 2 })
    expect(evidence.entries).toBe(8)
  })

  test('counts what was erased, and goes on', async () => {
    const file = join(tempFolder(), 'ledger.db')
    copyFileSync(original, file)
    const ledger = await openTempLedger({ file })
    const actor = { type: 'system', id: 'test' } as const
    await eraseBodies(ledger, { indexes: [event], reason: 'test', actor, origin: TEST_SIGNER.key.name })
    await ledger.close()
    const { code, evidence } = await verifyJson(file)
    expect(code).toBe(0)
    expect(evidence.schemes.jws).toMatchObject({ verified: 5, erased: 1 })
    expect((await verify(file)).out).toContain('1 erased')
  })

  test('names a signature that was put beside another entry, and exits 1', async () => {
    const submissions = await submissionsOf(original)
    const at = submissions.findIndex(({ entry }) => entry.evidence?.['scheme'] === 'jws')
    const file = await rewrittenLedger(
      submissions.with(at, withBodies(submissions[at], submissions[event], ['signature'])),
    )
    // In itself it is whole: who has the checkpoint key made it.
    expect(await runCli(['ledger', 'verify', file], { cwd: dirname(file) })).toMatchObject({ code: 0 })
    const { code, out } = await verify(file)
    expect(code).toBe(1)
    expect(out).toContain(`entry ${at}: invalid (evidence-mismatch): the signature was made with`)
    expect(out).toContain('1 wrong')
  })

  test('says so when a given secret is not one that was used', async () => {
    const other = join(tempFolder(), 'other.secret')
    writeFileSync(other, 'kJ8#mQ2$vN5@xR7!pL4%tW9^zB3&hG6*', { mode: 0o600 })
    const { code, out } = await verify(original, '--secret', `file:${other}`)
    expect(code).toBe(0)
    expect(out).toMatch(/a given secret, [\w-]{43}, is not one that entries name/)
    expect(out).toContain('4 need a secret')
  })

  test.each<[string, () => readonly string[]]>([
    ['a secret as it is', () => ['--secret', 'kJ8#mQ2$vN5@xR7!pL4%tW9^zB3&hG6*']],
    ['a variable that is not set', () => ['--secret', 'env:NOWHERE']],
    ['a file that is not there', () => ['--secret', 'file:/nowhere/at/all']],
    ['a file that others can read', () => ['--secret', `file:${secretFile(0o644)}`]],
    ['a secret that could be guessed', () => ['--secret', 'env:GUESSED']],
  ])('refuses %s, and never shows it', async (_name, options) => {
    const { code, out, err } = await verify(original, ...options())
    expect([code, out]).toEqual([2, ''])
    expect(err).not.toContain('kJ8#')
    expect(err).not.toContain(senders.secrets.standard)
  })

  test('is refused for a published log, which has no bodies, and --secret without it', async () => {
    const folder = join(tempFolder(), 'log')
    const out = await runCli(['ledger', 'publish', '--db', original, '--out', folder], { cwd: tempFolder() })
    expect(out).toMatchObject({ code: 0 })
    for (const place of [folder, 'https://ledger.example'])
      expect(await runCli(['ledger', 'verify', place, '--evidence'], { cwd: tempFolder() })).toMatchObject({
        code: 2,
        err: expect.stringContaining('--evidence is for a database'),
      })
    expect(
      await runCli(['ledger', 'verify', original, '--secret', 'env:HUB'], { cwd: tempFolder() }),
    ).toMatchObject({ code: 2 })
  })
})

describe('a ledger of a thousand deliveries', () => {
  let large = ''

  beforeAll(async () => {
    const receiver = await startTestReceiver()
    for (let i = 0; i < 1000; i += 50)
      await Promise.all(Array.from({ length: 50 }, () => receiver.deliver(eventBody())))
    expect(receiver.ledger.reader.size()).toBe(1001)
    await receiver.close()
    large = receiver.file
  }, 60_000)

  test('is verified whole', async () => {
    const { code, evidence } = await verifyJson(large)
    expect(code).toBe(0)
    expect(evidence).toMatchObject({ entries: 1000, wrong: 0, schemes: { jws: { verified: 1000 } } })
    expect(evidence.keys).toHaveLength(1)
  })

  test('of which the older part was archived is verified whole, as bodies stay; without the archive, the rest', async () => {
    const file = join(tempFolder(), 'ledger.db')
    copyFileSync(large, file)
    const ledger = await openTempLedger({ file })
    const folder = join(dirname(file), 'archive')
    await archiveEntries(ledger, {
      limit: { index: 512 },
      folder,
      database: file,
      actor: { type: 'system', id: 'test' },
      origin: TEST_SIGNER.key.name,
    })
    await ledger.close()
    expect(await verifyJson(file)).toMatchObject({
      code: 0,
      evidence: { schemes: { jws: { verified: 1000 } } },
    })
    // The key was observed first, so its entry is away with the archive.
    renameSync(folder, `${folder}.away`)
    const { code, findings, evidence } = await verifyJson(file)
    expect(code).toBe(1)
    expect(new Set(findings.map(({ code: finding }) => finding))).toEqual(
      new Set(['archive-missing', 'evidence-key-missing']),
    )
    expect(evidence).toMatchObject({ entries: 489, wrong: 489 })
  })

  test('is read in a copy, too', async () => {
    const file = join(tempFolder(), 'copy.db')
    const db = new Database(large, { readonly: true })
    await db.backup(file)
    db.close()
    expect(await verifyJson(file)).toMatchObject({ code: 0, evidence: { entries: 1000 } })
  })
})
