import type { Entry, EntryDraft } from '../../../ledger/entry/entry.ts'
import { filterMetrics } from '../../../ledger/projections/filter-metrics.ts'
import { summarise } from '../../../ledger/projections/metrics-summary.ts'
import { registrationMetrics } from '../../../ledger/projections/registration-metrics.ts'
import { toleranceVerdict, wilsonInterval } from '../../../ledger/statistics/wilson.ts'
import { draft } from '../../support/temp-ledger.ts'

let serial = 0
const entry = (overrides: Partial<EntryDraft>): Entry => ({
  ...draft(overrides),
  v: 1,
  id: `id-${++serial}`,
  recordedAt: '2026-01-01T00:00:00.000Z',
  occurredAt: overrides.occurredAt ?? '2026-01-01T00:00:00.000Z',
  environment: 'test',
})

describe('Wilson interval', () => {
  test.each([
    [0, 30, 0, 0.1135],
    [0, 100, 0, 0.037],
    [3, 8, 0.1368, 0.6943],
    [1, 20, 0.0089, 0.2361],
    [5, 100, 0.0215, 0.1118],
    [15, 300, 0.0306, 0.081],
  ])('%i of %i is [%f, %f]', (hits, n, low, high) => {
    const interval = wilsonInterval(hits, n)
    expect(interval?.low).toBeCloseTo(low, 3)
    expect(interval?.high).toBeCloseTo(high, 3)
  })

  test('says nothing for no observation, and refuses what is no count', () => {
    expect(wilsonInterval(0, 0)).toBeUndefined()
    expect(() => wilsonInterval(2, 1)).toThrow(TypeError)
    expect(() => wilsonInterval(0.5, 1)).toThrow(TypeError)
  })

  test('begins at 0 exactly where nothing was hit, and ends at 1 where all was: rounding breaches no tolerance', () => {
    for (let n = 1; n <= 1000; n++) {
      expect(wilsonInterval(0, n)?.low).toBe(0)
      expect(wilsonInterval(n, n)?.high).toBe(1)
      expect(toleranceVerdict(wilsonInterval(0, n), 0)).toBe('undecided')
    }
  })

  test('the verdict is three-valued', () => {
    expect(toleranceVerdict(wilsonInterval(0, 200), 0.03)).toBe('within')
    expect(toleranceVerdict(wilsonInterval(20, 200), 0.03)).toBe('breached')
    expect(toleranceVerdict(wilsonInterval(1, 20), 0.03)).toBe('undecided')
    expect(toleranceVerdict(undefined, 0.03)).toBe('undecided')
  })
})

describe('filter metrics', () => {
  const created = (occurredAt: string, enabled = true) =>
    entry({
      type: 'filter.created',
      occurredAt,
      entity: { type: 'filter', id: 'f', name: 'guard' },
      data: { filter: { version: 1, enabled, config: { false_positive_tolerance: 0.03 } } },
    })
  const block = (actionTaken: string) =>
    entry({ type: 'block.recorded', data: { filterId: 'f', actionTaken } })
  const review = (blockId: string, verdict: string) =>
    entry({ type: 'block.reviewed', data: { blockId, verdict } })

  test('counts interventions, and verdicts on them, per filter', () => {
    const metrics = filterMetrics()
    const blocks = ['blocked', 'redacted', 'flagged', 'passed', 'error_blocked', 'bypassed'].map(block)
    for (const each of [created('2026-01-01T00:00:00Z'), ...blocks]) metrics.apply(each)
    metrics.apply(review(blocks[0]?.id ?? '', 'false_positive'))
    metrics.apply(review(blocks[1]?.id ?? '', 'true_positive'))
    metrics.apply(review(blocks[2]?.id ?? '', 'false_positive'))
    const [numbers] = metrics.filters()
    expect(numbers).toMatchObject({
      filter_id: 'f',
      name: 'guard',
      version: 1,
      state: 'enabled',
      tolerance: 0.03,
      total_blocks: 2,
      reviewed: 2,
      true_positives: 1,
      false_positives: 1,
      false_positive_rate: 0.5,
    })
    expect(numbers?.actions).toEqual({
      blocked: 1,
      redacted: 1,
      flagged: 1,
      passed: 1,
      error_blocked: 1,
      bypassed: 1,
    })
  })

  test('a later verdict supersedes, and unclear ones are kept apart', () => {
    const metrics = filterMetrics()
    const one = block('blocked')
    for (const each of [one, review(one.id, 'false_positive'), review(one.id, 'unclear')]) metrics.apply(each)
    expect(metrics.filters()[0]).toMatchObject({
      reviewed: 1,
      false_positives: 0,
      unclear: 1,
      false_discovery_proportion: null,
    })
  })

  test('an event that arrives late does not bring an older state back', () => {
    const metrics = filterMetrics()
    metrics.apply(
      entry({
        type: 'filter.deleted',
        occurredAt: '2026-01-02T00:00:00Z',
        entity: { type: 'filter', id: 'f' },
        data: {},
      }),
    )
    metrics.apply(created('2026-01-01T00:00:00Z'))
    expect(metrics.filters()[0]).toMatchObject({
      state: 'deleted',
      events: { created: 1, updated: 0, deleted: 1 },
    })
  })

  test('a moment counts as the instant that it is, however it is written', () => {
    const metrics = filterMetrics()
    metrics.apply(created('2026-01-01T00:00:00.5Z', false))
    metrics.apply(created('2026-01-01T00:00:00Z'))
    expect(metrics.filters()[0]).toMatchObject({ state: 'disabled', events: { created: 2 } })
  })

  test('entries of a strange shape are passed over', () => {
    const metrics = filterMetrics()
    for (const data of [
      {},
      { filterId: 3 },
      { filterId: 'f', actionTaken: 'toString' },
      { blockId: 'no', verdict: 'unclear' },
    ]) {
      metrics.apply(entry({ type: 'block.recorded', data }))
      metrics.apply(entry({ type: 'block.reviewed', data }))
    }
    expect(metrics.filters()).toEqual([])
  })
})

describe('registration metrics', () => {
  test('count failures beside successes, and answer under the mission\u2019s names', () => {
    const registration = registrationMetrics()
    const outcomes: readonly Partial<EntryDraft>[] = [
      { type: 'deployment.requested' },
      { type: 'deployment.registered', data: { latencyMs: 100, waitedOn429Ms: 40 } },
      { type: 'deployment.registered', data: { latencyMs: 300 } },
      { type: 'deployment.registered', data: { latencyMs: 0, resumed: true } },
      { type: 'deployment.unchanged' },
      { type: 'deployment.rejected', data: { errorClass: 'validation' } },
      { type: 'deployment.failed', data: { errorClass: 'server', waitedOn429Ms: 2 } },
      { type: 'deployment.compensated', data: { errorClass: 'server' } },
    ]
    for (const each of outcomes) registration.apply(entry(each))
    const summary = summarise(registration.numbers(), [])
    expect(summary).toMatchObject({
      avg_registration_latency_ms: 200,
      registration_success_rate: 4 / 6,
      total_blocks: 0,
      false_positive_rate: null,
    })
    expect(summary.registration).toMatchObject({
      attempts: 6,
      failed: 2,
      failures_by_class: { validation: 1, server: 1 },
      waited_on_429_ms: 42,
    })
  })

  test('before the first deployment there is no rate, rather than a perfect one', () => {
    expect(registrationMetrics().numbers()).toMatchObject({ attempts: 0, registration_success_rate: null })
  })
})
