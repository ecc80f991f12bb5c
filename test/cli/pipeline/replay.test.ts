import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FilterReplay } from '../../../cli/pipeline/replay-plan.ts'
import { filterPayload } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { runCli } from '../run-cli.ts'
import type { CliResult } from '../run-cli.ts'
import { openShell } from './pipeline-shell.ts'
import type { PipelineShell } from './pipeline-shell.ts'

function guard(pii: number, changes: Readonly<Record<string, unknown>> = {}): object {
  const config = {
    content_categories: ['pii'],
    block_action: 'block_and_log',
    thresholds: { pii },
    false_positive_tolerance: 0.05,
  }
  return filterPayload('replay-guard', { priority: 'auto', config, ...changes })
}

const containing = (text: string): string => expect.stringContaining(text) as string
const matching = (text: RegExp): string => expect.stringMatching(text) as string

let shell: PipelineShell
let token = ''

beforeAll(async () => {
  shell = await openShell('through a receiver')
  shell.write('set.json', [guard(0.8)])
  await shell.cli('apply', '-f', 'set.json', '--yes', '--no-lint')
  token = (await runCli(['token', 'issue', '--scope', 'actions'], shell)).out.trim()
}, 120_000)
afterAll(async () => {
  await shell.close()
  removeTempFolders()
})

/** Plans beside the receiver, on the ledger file that it writes to. */
async function replay(filters: readonly object[], ...more: readonly string[]): Promise<CliResult> {
  shell.write('changed.json', filters)
  return runCli(['plan', '-f', 'changed.json', '--no-lint', '--replay', ...more], shell)
}

async function send(action: string, items: readonly object[]): Promise<readonly { entryId: string }[]> {
  const response = await fetch(`${shell.url ?? ''}/actions/${action}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(items),
  })
  const answer = (await response.json()) as { status: string; results: readonly { entryId: string }[] }
  expect(answer).toMatchObject({ status: 'recorded' })
  return answer.results
}

async function record(
  actionTaken: string,
  scores: readonly number[],
  more: object = {},
): Promise<readonly string[]> {
  const [live] = await shell.live()
  const facts = { filterId: live?.id, filterVersion: 1, category: 'pii', threshold: 0.8, direction: 'input' }
  const items = scores.map((score) => ({
    requestId: `${actionTaken}-${score}`,
    ...facts,
    score,
    actionTaken,
    ...more,
  }))
  return (await send('record-block', items)).map(({ entryId }) => entryId)
}

describe('a plan that is replayed', () => {
  test('of a filter of which nothing was recorded yet, gains and loses nothing', async () => {
    const { code, out, err } = await replay([guard(0.9)])
    expect({ code, err }).toEqual({ code: 2, err: '' })
    expect(out).toMatch(/\nreplay-guard +pii +0 +0 +0 +0 +0 +0 +0 +0 +-\n/)
  }, 60_000)

  test('and raises a threshold: what was blocked between is lost, by what reviewers found', async () => {
    const blocked = await record('blocked', [0.95, 0.9, 0.86, 0.84, 0.82, 0.81])
    await record('error_blocked', [0.85])
    const verdicts = ['true_positive', 'false_positive', 'unclear'].map((verdict, i) => ({
      requestId: `verdict-${i}`,
      blockId: blocked[i + 2],
      verdict,
      reviewerId: 'r-1',
    }))
    await send('report-verdict', verdicts)
    const { code, out, err } = await replay([guard(0.9)])
    expect({ code, err }).toEqual({ code: 2, err: '' })
    const [plan, table] = out.split('\n\n')
    expect(plan).toMatch(/^~ replay-guard [^]* {4}config.thresholds.pii: 0.8 -> 0.9\n/)
    expect(table?.split('\n')).toEqual([
      'filter        category  recorded  still  lost  tp  fp  unclear  unreviewed  gained  unknown',
      'replay-guard  pii       6         2      4     1   1   1        1           0       -',
      // Wilson, one of two: 9.45 to 90.55 %.
      'replay-guard, pii: of the lost, an estimated 50.0 % (9.5 % to 90.5 %) were true positives',
      'Whether another filter would intervene on the same content cannot be known.',
      '',
    ])
  }, 60_000)

  test('and lowers one: of passes that were not recorded it is told that nothing is known', async () => {
    const { code, out } = await replay([guard(0.7)])
    expect(code).toBe(2)
    expect(out).toMatch(/\nreplay-guard +pii +6 +6 +0 +0 +0 +0 +0 +0 +0.7-0.8\n/)
    expect(out).toContain('no decision there was found, so how much would be gained cannot be known')
  }, 60_000)

  test('and lowers one: recorded passes are gained, each for as many as it stands for', async () => {
    await record('passed', [0.75, 0.7, 0.69], { sampleRate: 0.1 })
    const { out } = await replay([guard(0.7)])
    expect(out).toMatch(/\nreplay-guard +pii +9 +6 +0 +0 +0 +0 +0 +2 +0.7-0.8\n/)
    expect(out).toContain('replay-guard, pii: of the gained, none was reviewed\n')
    expect(out).toContain('replay-guard, pii: the gained stand for about 20,')
    expect(out).toContain('whether all of it was recorded is not known, so more may be gained')
  }, 60_000)

  test('leaves out what occurred before --since', async () => {
    const { out } = await replay([guard(0.9)], '--since', '2099-01-01')
    expect(out).toMatch(/\nreplay-guard +pii +0 /)
    const today = await replay([guard(0.9)], '--since', '1')
    expect(today.out).toMatch(/\nreplay-guard +pii +9 /)
  }, 60_000)

  test('deletes a filter and makes one: all is lost, and of the new one nothing is known', async () => {
    const { code, out } = await replay([guard(0.8, { name: 'other-guard' })], '--prune')
    expect(code).toBe(2)
    expect(out).toMatch(/\nreplay-guard +pii +9 +0 +6 /)
    expect(out).toContain('\nother-guard: it is new, so nothing of it was recorded;')
  }, 60_000)

  test('changes what decides nothing, or nothing at all: nothing is scored again', async () => {
    const described = await replay([guard(0.8, { description: 'Another text' })])
    expect(described).toMatchObject({
      code: 2,
      out: containing('\n\nreplay-guard: its categories, thresholds'),
    })
    const same = await replay([guard(0.8)])
    expect(same).toMatchObject({ code: 0, out: containing('\n\nreplay: the plan changes no filter\n') })
  }, 60_000)

  test('is JSON with --json, and the plan that is kept is that without --replay', async () => {
    const { code, out } = await replay([guard(0.9)], '--json', '--out', 'kept.json')
    expect(code).toBe(2)
    const { replay: replayed, ...plan } = JSON.parse(out) as { readonly replay: readonly FilterReplay[] }
    expect(replayed).toMatchObject([
      {
        kind: 'replayed',
        name: 'replay-guard',
        off: false,
        categories: [
          {
            category: 'pii',
            keys: ['pii'],
            unknown: [],
            recorded: 9,
            still: 2,
            passing: 3,
            lost: { total: 4, violation: 1, notAViolation: 1, unclear: 1, unreviewed: 1, estimate: 4 },
            lostViolationShare: { value: 0.5 },
          },
        ],
      },
    ])
    expect(JSON.parse(readFileSync(join(shell.cwd, 'kept.json'), 'utf8'))).toEqual(plan)
    const { out: without } = await runCli(['plan', '-f', 'changed.json', '--no-lint', '--json'], shell)
    const basis = JSON.parse(without) as object
    expect({ ...basis, madeAt: '', planId: '' }).toEqual({ ...plan, madeAt: '', planId: '' })
    expect(await shell.cli('apply', 'kept.json')).toMatchObject({ code: 0, out: containing('applied: 1') })
    await shell.cli('apply', '-f', 'set.json', '--yes', '--no-lint')
  }, 60_000)
})

describe('a replay that cannot be made', () => {
  const fails = async (...more: readonly string[]) => {
    const result = await replay([guard(0.9)], '--out', 'never.json', ...more)
    expect(result).toMatchObject({ code: 1, out: '' })
    // Told before the plan is made.
    expect(existsSync(join(shell.cwd, 'never.json'))).toBe(false)
    return result.err
  }

  test('for a --since that is none', async () => {
    expect(await fails('--since', 'soon')).toMatch(/^filter-ledger: --since takes days, [^\n]*\n$/)
  }, 60_000)

  test('for a ledger file that is not there', async () => {
    expect(await fails('--db', 'nowhere.db')).toMatch(/^filter-ledger: nowhere\.db is not there: [^\n]*\n$/)
  }, 60_000)

  test('through a receiver, which has no such answer', async () => {
    expect(await fails('--receiver', shell.url ?? '')).toContain('without --receiver')
  }, 60_000)

  test('and --since without it is wrong use', async () => {
    const { code, err } = await runCli(['plan', '-f', 'changed.json', '--since', '3'], shell)
    expect({ code, err }).toEqual({ code: 1, err: matching(/--since needs --replay/) })
  }, 60_000)
})
