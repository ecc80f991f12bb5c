import fc from 'fast-check'
import type { EntryDraft } from '../../../ledger/entry/entry.ts'
import { ACTIONS_TAKEN } from '../../../ledger/metrics/words.ts'
import { logEValue } from '../../../ledger/statistics/e-process.ts'
import { wilsonInterval } from '../../../ledger/statistics/wilson.ts'
import { draft, openTempLedger, removeTempFolders } from '../../support/temp-ledger.ts'
import { append, blockDraft, filterJson, reportOf, reviewDraft } from './report-ledger.ts'

afterAll(removeTempFolders)

const evaluations = (from: string, to: string, count: number): EntryDraft =>
  draft({
    type: 'evaluations.recorded',
    data: { filterId: 'f-1', filterVersion: 2, category: 'pii', from, to, evaluations: count },
  })

const at = (occurredAt: string) => ({ occurredAt })

describe('filter-performance', () => {
  test('a row has the counts, the shares with their intervals, and the verdict', async () => {
    const ledger = await openTempLedger()
    await append(ledger, draft({ type: 'filter.created', data: { filter: filterJson(2) } }))
    await append(ledger, evaluations('2026-01-31T12:00:00Z', '2026-01-31T13:00:00Z', 1000))
    const moment = at('2026-01-31T12:30:00.000Z')
    for (let i = 0; i < 40; i++) {
      const { id } = await append(
        ledger,
        blockDraft({ actionTaken: i < 30 ? 'blocked' : 'redacted' }, moment),
      )
      if (i < 20)
        await append(ledger, reviewDraft(id, { verdict: i < 10 ? 'false_positive' : 'true_positive' }))
      if (i === 20) await append(ledger, reviewDraft(id, { verdict: 'unclear' }))
    }
    await append(ledger, blockDraft({ actionTaken: 'error_blocked' }, moment))
    const { records, rows, firstSeq } = await reportOf(ledger, 'filter-performance', { grain: 'hour' })
    const { value, low, high } = wilsonInterval(10, 20) ?? {}
    expect({ rows, firstSeq }).toEqual({ rows: 1, firstSeq: null })
    expect(records[0]).toEqual({
      period_start: '2026-01-31T12:00:00.000Z',
      period_end: '2026-01-31T13:00:00.000Z',
      filter_id: 'f-1',
      version: '2',
      category: 'pii',
      evaluations: '1000',
      blocked: '30',
      redacted: '10',
      flagged: '0',
      passed: '0',
      errors: '1',
      bypassed: '0',
      intervention_rate: '0.04',
      reviewed: '21',
      tp: '10',
      fp: '10',
      unclear: '1',
      fdp: String(value),
      fdp_ci_low: String(low),
      fdp_ci_high: String(high),
      fpr: 'not_estimable',
      fpr_ci_low: '',
      fpr_ci_high: '',
      recall: 'not_estimable',
      recall_ci_low: '',
      recall_ci_high: '',
      tolerance: '0.1',
      verdict: 'breached',
      e_value: '',
      kappa: '',
      method_version: 'wilson-95/hajek/e-process-1',
    })
    const [whole] = (await reportOf(ledger, 'filter-performance', { grain: 'all' })).records
    expect(whole).toMatchObject({ period_start: '', period_end: '', fdp: '0.5', kappa: '' })
    expect(Number(whole?.['e_value'])).toBeCloseTo(Math.exp(logEValue({ tp: 10, fp: 10 }, 0.1)), 6)
    await ledger.close()
  })

  test('says nothing where nothing can be said, and never 0', async () => {
    const ledger = await openTempLedger()
    await append(ledger, blockDraft({ filterId: 'f-9' }))
    const { records } = await reportOf(ledger, 'filter-performance', { grain: 'all' })
    expect(records).toHaveLength(1)
    expect(records[0]).toMatchObject({
      evaluations: '',
      intervention_rate: '',
      blocked: '1',
      reviewed: '0',
      fdp: 'not_estimable',
      fdp_ci_low: '',
      fdp_ci_high: '',
      fpr: 'not_estimable',
      recall: 'not_estimable',
      tolerance: '',
      verdict: 'not_estimable',
      e_value: '',
      kappa: '',
    })
    await ledger.close()
  })

  test('kappa is of all labels of two reviewers, and recall of passes that were reviewed', async () => {
    const ledger = await openTempLedger()
    const labels = [
      ['true_positive', 'true_positive'],
      ['true_positive', 'false_positive'],
      ['false_positive', 'false_positive'],
      ['false_positive', 'false_positive'],
    ] as const
    for (const [first, second] of labels) {
      const { id } = await append(ledger, blockDraft())
      await append(ledger, reviewDraft(id, { verdict: first, reviewerId: 'a', blind: true }))
      await append(ledger, reviewDraft(id, { verdict: second, reviewerId: 'b', role: 'second', blind: true }))
    }
    const { id } = await append(ledger, blockDraft({ actionTaken: 'passed', score: 0.2 }))
    await append(ledger, reviewDraft(id, { verdict: 'false_negative', actionTaken: 'passed' }))
    const { records } = await reportOf(ledger, 'filter-performance', { grain: 'all' })
    // po = 3/4, pe = (2 x 1 + 2 x 3) / 16 = 1/2.
    expect(records[0]).toMatchObject({ kappa: '0.5', recall: String(2 / 3) })
    await ledger.close()
  })

  const day = (n: number): string => new Date(Date.UTC(2026, 0, 1 + n)).toISOString()
  const block = fc.record({
    kind: fc.constant('block' as const),
    filter: fc.constantFrom('f-1', 'f-2'),
    version: fc.integer({ min: 1, max: 2 }),
    category: fc.constantFrom('pii', 'sexual'),
    action: fc.constantFrom(...ACTIONS_TAKEN),
    // Over two windows of what is read at once, an hour here and there.
    hours: fc.integer({ min: 0, max: 24 * 70 }),
  })
  const verdict = fc.record({
    kind: fc.constant('verdict' as const),
    of: fc.nat({ max: 50 }),
    verdict: fc.constantFrom('true_positive', 'false_positive', 'unclear'),
  })

  test('its sums are those of a naive count of the entries, after any history and in any grain', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(block, block, verdict), { maxLength: 60 }), async (history) => {
        const ledger = await openTempLedger()
        const actions = new Map<string, number>()
        const blocks: { readonly id: string; readonly key: string; readonly action: string }[] = []
        const verdicts = new Map<number, string>()
        for (const step of history) {
          if (step.kind === 'block') {
            const { filter: filterId, version: filterVersion, category, action: actionTaken } = step
            const occurredAt = new Date(Date.parse(day(0)) + step.hours * 3_600_000).toISOString()
            const facts = { filterId, filterVersion, category, actionTaken }
            const { id } = await append(ledger, blockDraft(facts, { occurredAt }))
            const key = [filterId, filterVersion, category].join(' ')
            blocks.push({ id, key, action: actionTaken })
            actions.set(`${key} ${actionTaken}`, (actions.get(`${key} ${actionTaken}`) ?? 0) + 1)
          } else {
            const found = blocks[step.of]
            if (!found || !['blocked', 'redacted'].includes(found.action)) continue
            const [filterId, version, category] = found.key.split(' ')
            const about = { filterId, filterVersion: Number(version), category, actionTaken: found.action }
            await append(ledger, reviewDraft(found.id, { ...about, verdict: step.verdict }))
            verdicts.set(step.of, step.verdict)
          }
        }
        const names = { error_blocked: 'errors' } as const
        const expected = new Map(
          [...actions].map(([key, n]) => {
            const [filter, version, category, action = ''] = key.split(' ')
            const name = action === 'error_blocked' ? names[action] : action
            return [[filter, version, category, name].join(' '), n]
          }),
        )
        const short = { true_positive: 'tp', false_positive: 'fp', unclear: 'unclear' }
        for (const [i, found] of verdicts) {
          const key = `${blocks[i]?.key ?? ''} ${short[found as keyof typeof short]}`
          expected.set(key, (expected.get(key) ?? 0) + 1)
        }
        for (const grain of ['all', 'day', 'hour']) {
          const { records, rows } = await reportOf(ledger, 'filter-performance', { grain })
          expect(rows).toBe(records.length)
          const sums = new Map<string, number>()
          for (const record of records)
            for (const name of [
              'blocked',
              'redacted',
              'flagged',
              'passed',
              'errors',
              'bypassed',
              'tp',
              'fp',
              'unclear',
            ]) {
              const key = [record['filter_id'], record['version'], record['category'], name].join(' ')
              const sum = (sums.get(key) ?? 0) + Number(record[name])
              if (sum > 0) sums.set(key, sum)
            }
          expect({ grain, sums: [...sums].sort() }).toEqual({ grain, sums: [...expected].sort() })
          const starts = records.map(({ period_start }) => period_start ?? '')
          expect(starts).toEqual(starts.toSorted())
        }
        await ledger.close()
      }),
      { numRuns: 12 },
    )
  }, 120_000)

  test('since and until choose periods, also those of a clock that was ahead', async () => {
    const ledger = await openTempLedger()
    for (const n of [0, 1, 40, 5000]) await append(ledger, blockDraft({}, at(day(n))))
    const starts = async (parameters: Readonly<Record<string, string>>) =>
      (await reportOf(ledger, 'filter-performance', parameters)).records.map(
        ({ period_start }) => period_start,
      )
    expect(await starts({ grain: 'day' })).toEqual([day(0), day(1), day(40), day(5000)])
    expect(await starts({ since: '2026-01-02' })).toEqual([day(1), day(40), day(5000)])
    expect(await starts({ since: '2026-01-02', until: day(40) })).toEqual([day(1)])
    expect(await starts({ grain: 'hour', until: day(40) })).toEqual([day(0), day(1)])
    expect(await starts({ filter: 'f-2' })).toEqual([])
    await ledger.close()
  })
})
