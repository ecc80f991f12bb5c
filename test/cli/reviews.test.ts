import { rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { ALL_TWICE, FULL_DECISION } from '../actions/reviews/review-house.ts'
import { draft, removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { makeCliLedger, openCliLedger } from './cli-ledger.ts'
import { runCli, serveCli } from './run-cli.ts'
import type { CliResult } from './run-cli.ts'

const DECISIONS = 12
let cwd: string

/** A ledger with decisions that are all drawn, and all to be labelled twice. */
beforeEach(async () => {
  cwd = tempFolder()
  await makeCliLedger(cwd, 0)
  const ledger = await openCliLedger(cwd)
  await ledger.append({
    entry: draft({ type: 'sampling.planned', entity: { type: 'ledger' }, data: ALL_TWICE }),
  })
  const entity = { type: 'filter' as const, id: FULL_DECISION.filterId }
  const entry = draft({ type: 'block.recorded', entity, data: FULL_DECISION })
  await Promise.all(Array.from({ length: DECISIONS }, () => ledger.append({ entry })))
  await ledger.close()
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))
afterAll(removeTempFolders)

const SECRETS = ['hidden-filter', '0.8765', '0.8123', 'redacted', '7919']
const idIn = ({ out }: CliResult): string => (JSON.parse(out) as { readonly reviewId: string }).reviewId

async function reviewed(cli: (...args: readonly string[]) => Promise<CliResult>): Promise<void> {
  const shown = await cli('next', '--reviewer', 'ada')
  expect(shown).toMatchObject({ code: 0, err: '' })
  expect(shown.out).toMatch(/^Does this text violate the category pii\?\n {2}text +vault\/content\/1\n/)
  for (const secret of SECRETS) expect(shown.out).not.toContain(secret)
  const id = idIn(await cli('next', '--reviewer', 'ada', '--json'))
  expect(shown.out).toContain(`filter-ledger reviews label ${id} LABEL --reviewer ada`)
  const first = await cli('label', id, 'violation', '--reviewer', 'ada', '--rationale', 'quoted')
  expect(first).toMatchObject({ code: 0 })
  expect(first.out).toMatch(
    /^true_positive: .*it counts \[entry 13\]\n.*redacted, score 0\.87654321, threshold 0\.81234567\n$/,
  )
  expect(idIn(await cli('next', '--reviewer', 'ben', '--json'))).toBe(id)
  expect((await cli('label', id, 'not_a_violation', '--reviewer', 'ben')).out).toMatch(
    /^false_positive: .*a second label/,
  )
  const refused = await cli('label', id, 'violation', '--reviewer', 'ben')
  expect(refused).toMatchObject({ code: 1 })
  expect(refused.out).toMatch(/^rejected: you gave the second label .* \[already_labelled\]\n$/)
  const stats = await cli('stats')
  expect(stats.out).toContain('waiting: 11 for a label, 0 for a second one, 1 to be settled')
  expect(stats.out).toContain('a third reviewer is needed')
  expect(stats.out).toContain('kappa 0.00 of 1 pair(s), 0 % agree (target 0.75, not reached)')
}

describe('reviews', () => {
  test('on a ledger file are handed out blind, labelled twice, and told of', async () => {
    await reviewed((...args) => runCli(['reviews', ...args], { cwd }))
  }, 60_000)

  test('through a receiver are the same, and what one reviewer has no other gets', async () => {
    const server = await serveCli({ cwd })
    try {
      const scopes = ['reviews:read', 'reviews:write']
      const token = (await runCli(['token', 'issue', '--scope', ...scopes], { cwd })).out.trim()
      const env = { FILTER_LEDGER_TOKEN: token }
      const cli = (...args: readonly string[]) =>
        runCli(['reviews', ...args, '--receiver', server.url], { cwd, env })
      await reviewed(cli)
      const both = await Promise.all(['cleo', 'dan'].map((id) => cli('next', '--reviewer', id, '--json')))
      expect(new Set(both.map(idIn)).size).toBe(2)
      const beside = await runCli(
        [
          'reviews',
          'label',
          idIn(both[0] ?? { code: 0, out: '', err: '' }),
          'violation',
          '--reviewer',
          'eve',
          '--wait',
          '0',
        ],
        { cwd },
      )
      expect(beside).toMatchObject({ code: 3, out: '' })
      expect(beside.err).toContain('go through it with --receiver URL')
    } finally {
      await server.end('SIGTERM')
    }
  }, 60_000)
})

describe('reviews plan', () => {
  const plan = (...args: readonly string[]) => runCli(['reviews', 'plan', ...args], { cwd })

  test('shows the plan in force, and makes another with a seed of its own', async () => {
    expect((await plan()).out).toBe('plan (entry 0, seed s): 100 % is drawn, and of that 100 % twice\n')
    const strata = ['pii:0.9-1.0=0.05', 'self_harm=1', '*:0.0-0.1=0.5']
    const made = await plan('--rate', '0.2', '--stratum', ...strata, '--second-rate', '0')
    expect(made.out).toMatch(
      /^plan \(entry 13, seed [0-9a-f]{32}\): 20 % is drawn, and of that 0 % twice\n {2}pii at 0\.9-1\.0: 5 %\n {2}self_harm: 100 %\n {2}any category at 0\.0-0\.1: 50 %\n$/,
    )
    expect((await plan()).out).toBe(made.out)
  }, 60_000)

  test.each([
    [['--stratum', 'pii=1'], 'a plan is made whole: give --rate too'],
    [['--rate', 'half'], '--rate takes a number such as 0.2, and not "half"'],
    [['--rate', '0'], '--rate: a rate from 0.001 to 1 is expected'],
    [['--rate', '1', '--stratum', 'pii'], '--stratum takes CATEGORY=RATE, CATEGORY:BAND=RATE or *:BAND=RATE'],
    [['--rate', '1', '--stratum', 'spam=1'], '--stratum spam=1: must be one of hate_speech, '],
    [
      ['--rate', '1', '--stratum', 'pii=1', 'pii:0.9-1.0=0.5'],
      '--stratum pii:0.9-1.0=0.5: never decides: pii=1 takes all of it',
    ],
    [['--rate', '1', '--second-rate', '2'], '--second-rate: a share from 0 to 1 is expected'],
  ])('of %j is refused in one line, and nothing is written', async (args, words) => {
    const { code, err } = await plan(...args)
    expect(code).toBe(2)
    expect(err).toContain(words)
    expect(err.trim().split('\n')).toHaveLength(1)
    expect((await plan()).out).toContain('entry 0')
  })
})

describe('reviews verify-sample', () => {
  const verify = () => runCli(['reviews', 'verify-sample'], { cwd })

  test('draws the same sample again', async () => {
    expect(await verify()).toMatchObject({
      code: 0,
      out: `data/ledger.db: drawn again, the sample is the same: ${DECISIONS} of ${DECISIONS} decisions are in the sample, ${DECISIONS} of these for a second reviewer (1 plan(s))\n`,
    })
  })

  test('finds a decision that somebody took out of it', async () => {
    const database = new Database(join(cwd, 'data/ledger.db'))
    database.prepare('UPDATE decisions SET sampled = 0, queued = 0 WHERE idx = 5').run()
    database.close()
    const { code, out } = await verify()
    expect(code).toBe(1)
    expect(out).toContain('differs in 1 decision(s)')
    expect(out).toContain('entry 5: it is in the sample, and the table leaves it out')
    expect(out).toContain('filter-ledger rebuild')
  })
})
