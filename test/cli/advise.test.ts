import { join } from 'node:path'
import { initKeys } from '../../cli/keys-folder.ts'
import type { JsonObject } from '../../ledger/entry/entry.ts'
import type { Ledger } from '../../ledger/store/open-ledger.ts'
import { draft, removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { openCliLedger } from './cli-ledger.ts'
import { runCli } from './run-cli.ts'

const cwd = tempFolder()
let ledger: Ledger

function state(id: string, name: string, config: JsonObject) {
  const filter = { id, name, enabled: true, version: 1, config }
  return draft({
    type: 'deployment.registered',
    action: 'deploy',
    entity: { type: 'filter', id, name },
    data: { filterId: id, deploymentId: `d-${id}`, change: 'created', filter },
  })
}

/** Records decisions and a verdict on each. */
async function review(
  count: number,
  verdict: string,
  given: {
    readonly filterId: string
    readonly category: string
    readonly score: number
    readonly actionTaken?: string
  },
): Promise<void> {
  const { filterId, category, actionTaken = 'blocked' } = given
  const facts = { filterVersion: 1, threshold: 0.7, direction: 'output', ...given, actionTaken }
  await Promise.all(
    Array.from({ length: count }, async () => {
      const { id } = await ledger.append({
        entry: draft({
          type: 'block.recorded',
          action: 'record',
          entity: { type: 'filter', id: filterId },
          data: facts,
        }),
      })
      const data = {
        blockId: id,
        verdict,
        reviewerId: 'r-1',
        filterId,
        filterVersion: 1,
        category,
        actionTaken,
      }
      await ledger.append({
        entry: draft({
          type: 'block.reviewed',
          action: 'review',
          entity: { type: 'block', id },
          data,
        }),
      })
    }),
  )
}

beforeAll(async () => {
  await initKeys(join(cwd, 'data/keys'))
  ledger = await openCliLedger(cwd)
  const config = {
    content_categories: ['pii', 'phishing', 'political', 'violence', 'self_harm'],
    thresholds: { pii_confidence: 0.7, phishing: 0.7, toxicity: 0.7 },
    false_positive_tolerance: 0.05,
  }
  await ledger.append({ entry: state('f-1', 'guard', config) })
  await ledger.append({ entry: state('f-2', 'careless', { ...config, false_positive_tolerance: 'none' }) })
  // So many that the halves do not matter, whichever way the ids of these entries split them.
  const pii = { filterId: 'f-1', category: 'pii' }
  await review(100, 'false_positive', { ...pii, score: 0.72 })
  await review(300, 'true_positive', { ...pii, score: 0.9 })
  const phishing = { filterId: 'f-1', category: 'phishing' }
  await review(300, 'true_positive', { ...phishing, score: 0.9 })
  await review(100, 'false_negative', { ...phishing, score: 0.62, actionTaken: 'passed' })
  await review(100, 'true_negative', { ...phishing, score: 0.4, actionTaken: 'passed' })
  await review(20, 'unclear', { ...phishing, score: 0.8 })
  await review(200, 'false_positive', { filterId: 'f-1', category: 'violence', score: 0.9 })
}, 60_000)
afterAll(async () => {
  await ledger.close()
  removeTempFolders()
})

const cli = (...args: readonly string[]) => runCli(args, { cwd })

describe('filter-ledger advise, beside a ledger that is being written', () => {
  test('says of each category what its reviews say, what is not known, and that nothing was applied', async () => {
    const before = ledger.reader.size()
    const { code, out, err } = await cli('advise', 'guard')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const paragraphs = out.trim().split('\n\n')
    const of = (category: string) => paragraphs.find((text) => text.startsWith(`${category}: `)) ?? ''
    expect(paragraphs[0]).toBe('guard (f-1), tolerance 5 %')
    expect(of('pii')).toMatch(/^pii: raise thresholds.pii_confidence 0.7 -> 0.73\n/)
    expect(of('pii')).toMatch(
      /at 0.7: 2\d(\.\d)? % \(.*\) of interventions wrong: breached; recall not estimable/,
    )
    expect(of('pii')).toMatch(/at 0.73: 0 % \(0 % to .*\) of interventions wrong: within/)
    expect(of('pii')).toContain('nothing is known below 0.7')
    expect(of('phishing')).toMatch(/^phishing: lower thresholds.phishing 0.7 -> 0.62\n/)
    expect(of('phishing')).toMatch(/reviewed: 500 \(400 violations, 100 not\), ROC-AUC 1.000/)
    expect(of('phishing')).toMatch(/at 0.62: .*recall 100 %/)
    expect(of('phishing')).not.toContain('nothing is known')
    expect(of('violence')).toMatch(/^violence: no threshold from 0.7 on is within the tolerance of 0.05/)
    expect(of('self_harm')).toMatch(/^self_harm: collect more: about 146 reviews of scores from 0.7 to 1 /)
    expect(of('self_harm')).toContain('thresholds.toxicity also decides on violence')
    expect(of('political')).toBe('political: no threshold decides on it')
    expect(paragraphs.at(-1)).toMatch(/^Nothing was applied\./)
    expect(ledger.reader.size()).toBe(before)
  })

  test('gives the same as JSON, of one category, at the costs and the recall that were asked for', async () => {
    const args = [
      '--category',
      'phishing',
      '--cost-fp',
      '1',
      '--cost-fn',
      '0',
      '--recall-floor',
      '0.9',
      '--json',
    ]
    const { code, out } = await cli('advise', 'f-1', ...args)
    expect(code).toBe(0)
    const answer = JSON.parse(out) as { categories: readonly { curve: readonly unknown[] }[] }
    expect(answer).toMatchObject({
      filter: { id: 'f-1', name: 'guard' },
      tolerance: 0.05,
      cost_fp: 1,
      cost_fn: 0,
      recall_floor: 0.9,
      applied: false,
      categories: [
        {
          category: 'phishing',
          key: 'phishing',
          // At a lower one all is caught; that a violation passes costs nothing, but the recall was asked for.
          verdict: { kind: 'lower', from: 0.7, to: 0.62 },
          lowest_judged: 0.4,
          n: { violations: 400, others: 100 },
          held_out: { proposed: { threshold: 0.62, recall: { value: 1 } } },
        },
      ],
    })
    expect(answer.categories[0]?.curve).toHaveLength(61)
  })

  test.each<[string, readonly string[], number, RegExp]>([
    ['a filter that nobody knows', ['gurd'], 1, /knows no filter gurd; did you mean guard\?/],
    [
      'a category that it has not',
      ['guard', '--category', 'sexual'],
      2,
      /has no category sexual: it has pii, phishing/,
    ],
    ['a filter without a tolerance', ['careless'], 1, /careless states no tolerance from 0 to 1/],
    ['a recall that is no share', ['guard', '--recall-floor', '90'], 2, /a number from 0 to 1 is expected/],
    ['a cost that is none', ['guard', '--cost-fp', '-1'], 2, /a number from 0 to 1000000000 is expected/],
    ['a ledger that is not there', ['guard', '--db', 'nowhere.db'], 2, /nowhere\.db/],
  ])('says in one line what is wrong with %s', async (_, args, exit, message) => {
    const { code, out, err } = await cli('advise', ...args)
    expect({ code, out }).toEqual({ code: exit, out: '' })
    expect(err).toMatch(message)
    expect(err).not.toContain('    at ')
  })
})
