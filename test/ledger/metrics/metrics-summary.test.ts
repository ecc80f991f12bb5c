import type { Entry, EntryDraft, JsonObject } from '../../../ledger/entry/entry.ts'
import type { Decision } from '../../../ledger/metrics/metrics-reader.ts'
import { filterNumbers, summarise } from '../../../ledger/metrics/metrics-summary.ts'
import { freshMetricsHouse } from '../../support/metrics-house.ts'
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

/** The numbers of the first filter, after these entries. */
const numbersAfter = (...entries: readonly Entry[]) => {
  const { apply, metrics } = freshMetricsHouse()
  entries.forEach(apply)
  return filterNumbers(metrics)[0]
}

describe('filter metrics', () => {
  const created = (occurredAt: string, enabled = true) =>
    entry({
      type: 'filter.created',
      occurredAt,
      entity: { type: 'filter', id: 'f', name: 'guard' },
      data: { filter: { version: 1, enabled, config: { false_positive_tolerance: 0.03 } } },
    })
  const block = (actionTaken: string, more: JsonObject = {}) =>
    entry({ type: 'block.recorded', data: { filterId: 'f', category: 'pii', actionTaken, ...more } })
  const review = (blockId: string, verdict: string) =>
    entry({ type: 'block.reviewed', data: { blockId, verdict } })

  test('counts interventions, and verdicts on them, per filter', () => {
    const blocks = ['blocked', 'redacted', 'flagged', 'passed', 'error_blocked', 'bypassed'].map((each) =>
      block(each),
    )
    const numbers = numbersAfter(
      created('2026-01-01T00:00:00Z'),
      ...blocks,
      review(blocks[0]?.id ?? '', 'false_positive'),
      review(blocks[1]?.id ?? '', 'true_positive'),
      review(blocks[2]?.id ?? '', 'false_positive'),
    )
    expect(numbers).toMatchObject({
      filter_id: 'f',
      name: 'guard',
      version: 1,
      state: 'enabled',
      tolerance: 0.03,
      total_blocks: 2,
      ...{ blocked: 1, redacted: 1, flagged: 1, passed: 1, error_blocked: 1, bypassed: 1 },
      reviewed: 2,
      true_positives: 1,
      false_positives: 1,
      false_positive_rate: 0.5,
      shadow: { true_positives: 0, false_positives: 1, unclear: 0 },
      evaluations: null,
      intervention_rate: null,
      specificity_false_positive_rate: 'not_estimable',
      recall: 'not_estimable',
    })
  })

  test('a later verdict supersedes, and unclear ones are kept apart', () => {
    const one = block('blocked')
    expect(numbersAfter(one, review(one.id, 'false_positive'), review(one.id, 'unclear'))).toMatchObject({
      reviewed: 1,
      false_positives: 0,
      unclear: 1,
      false_discovery_proportion: null,
    })
  })

  test('a verdict that does not fit what it is about counts nowhere', () => {
    const [passed, failed] = [block('passed'), block('error_blocked')]
    const numbers = numbersAfter(
      passed,
      failed,
      review(passed.id, 'false_positive'),
      review(failed.id, 'true_positive'),
    )
    expect(numbers).toMatchObject({ reviewed: 0, passes: { true_negatives: 0, false_negatives: 0 } })
  })

  test('reviewed passes make FPR and recall estimable, and a sampled pass stands for many', () => {
    const [right, wrong, missed] = [block('blocked'), block('blocked'), block('passed', { sampleRate: 0.1 })]
    const fine = block('passed', { sampleRate: 0.1 })
    const numbers = numbersAfter(
      ...[right, wrong, missed, fine],
      review(right.id, 'true_positive'),
      review(wrong.id, 'false_positive'),
      review(missed.id, 'false_negative'),
      review(fine.id, 'true_negative'),
    )
    expect(numbers?.recall).toMatchObject({ value: 1 / 11, effective_n: 121 / 101 })
    expect(numbers?.specificity_false_positive_rate).toMatchObject({ value: 1 / 11 })
    expect(numbers?.false_discovery_proportion).toMatchObject({ value: 0.5, effective_n: 2 })
  })

  test('a rate has a denominator where one was reported, and none that gaps would make of it', () => {
    const reported = (evaluations: number) =>
      entry({
        type: 'evaluations.recorded',
        data: {
          filterId: 'f',
          category: 'pii',
          from: '2026-01-01T00:00:00Z',
          to: '2026-01-01T01:00:00Z',
          evaluations,
        },
      })
    const blocks = [block('blocked'), block('flagged')]
    expect(numbersAfter(reported(10), ...blocks)).toMatchObject({
      evaluations: 10,
      intervention_rate: 0.1,
      would_intervene_rate: 0.1,
    })
    expect(numbersAfter(reported(1), ...blocks, block('blocked'))).toMatchObject({
      evaluations: 1,
      intervention_rate: null,
    })
  })

  test('evidence belongs to a version: the next one starts from nothing', () => {
    const blocks = Array.from({ length: 6 }, () => block('blocked', { filterVersion: 1 }))
    const numbers = numbersAfter(
      created('2026-01-01T00:00:00Z'),
      ...blocks,
      ...blocks.map(({ id }) => review(id, 'false_positive')),
      entry({
        type: 'filter.updated',
        occurredAt: '2026-01-02T00:00:00Z',
        entity: { type: 'filter', id: 'f', name: 'guard' },
        data: { filter: { version: 2, enabled: true, config: { false_positive_tolerance: 0.03 } } },
      }),
    )
    expect(numbers?.versions).toMatchObject([
      { version: 1, verdict: 'breached', alarm: { alarm: true, false_positives: 6 } },
      { version: 2, verdict: 'undecided', alarm: { alarm: false, e_value: 1, error_budget_used: 0.05 } },
    ])
    expect(numbers).toMatchObject({ version: 2, alarm: { alarm: false } })
  })

  test('a tolerance that is told after the evidence finds it beyond the line', () => {
    const blocks = Array.from({ length: 6 }, () => block('blocked'))
    const numbers = numbersAfter(
      ...blocks,
      ...blocks.map(({ id }) => review(id, 'false_positive')),
      created('2026-01-01T00:00:00Z'),
    )
    expect(numbers?.versions[0]).toMatchObject({ version: null, tolerance: 0.03, alarm: { alarm: true } })
  })

  test('passes alone say nothing of recall, while what was blocked may be right or wrong', () => {
    const [stopped, missed] = [block('blocked'), block('passed')]
    const numbers = numbersAfter(stopped, missed, review(missed.id, 'false_negative'))
    expect(numbers).toMatchObject({
      recall: 'not_estimable',
      specificity_false_positive_rate: 'not_estimable',
      passes: { false_negatives: 1 },
    })
    expect(numbersAfter(missed, review(missed.id, 'false_negative'))?.recall).toMatchObject({ value: 0 })
  })

  test('the alarm takes of each stratum as much, and the queue sees as great a part of each, at any time', () => {
    const plan = entry({
      type: 'sampling.planned',
      data: { seed: 's', rate: 0.2, secondRate: 0, strata: [{ category: 'pii', rate: 0.8 }] },
    })
    const { apply, metrics } = freshMetricsHouse()
    apply(plan)
    for (let i = 0; i < 4000; i++) apply(block('blocked', { category: i % 2 === 0 ? 'pii' : 'political' }))
    const decisions = [...metrics.decisions('f')]
    const shareOf = (category: string, kept: (decision: Decision) => boolean) =>
      decisions.filter((each) => each.category === category && kept(each)).length / 2000
    for (const category of ['pii', 'political'])
      expect(shareOf(category, ({ forAlarm }) => forAlarm)).toBeCloseTo(0.2, 1)
    const early = metrics.queue('f', 'verdict', 200)
    const political = early.filter(({ category }) => category === 'political').length
    expect(political / early.length).toBeCloseTo(0.2, 1)
  })

  test('an event that arrives late does not bring an older state back', () => {
    const deleted = entry({
      type: 'filter.deleted',
      occurredAt: '2026-01-02T00:00:00Z',
      entity: { type: 'filter', id: 'f' },
      data: {},
    })
    expect(numbersAfter(deleted, created('2026-01-01T00:00:00Z'))).toMatchObject({
      state: 'deleted',
      events: { created: 1, updated: 0, deleted: 1 },
    })
  })

  test('a moment counts as the instant that it is, however it is written', () => {
    const numbers = numbersAfter(created('2026-01-01T00:00:00.5Z', false), created('2026-01-01T00:00:00Z'))
    expect(numbers).toMatchObject({ state: 'disabled', events: { created: 2 } })
  })

  test('entries of a strange shape are passed over', () => {
    const strange = [
      {},
      { filterId: 3 },
      { filterId: 'f', actionTaken: 'toString' },
      { blockId: 'no', verdict: 'unclear' },
      { filterId: 'f', category: 'pii', from: 3, to: null, evaluations: 'many' },
      { seed: 3, rate: 7 },
    ]
    const types = [
      'block.recorded',
      'block.reviewed',
      'evaluations.recorded',
      'sampling.planned',
      'alarm.raised',
    ] as const
    const { apply, metrics } = freshMetricsHouse()
    for (const data of strange) for (const type of types) apply(entry({ type, data }))
    expect(metrics.filters()).toEqual([])
    expect(metrics.samplingPlan().index).toBeNull()
  })
})

describe('registration numbers', () => {
  test('count failures beside successes, and answer under the mission\u2019s names', () => {
    const { apply, metrics } = freshMetricsHouse()
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
    for (const each of outcomes) apply(entry(each))
    const summary = summarise(metrics)
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
      registration_latency_ms: { count: 2, sum: 400, p50: 100 },
      waited_on_429_ms: 42,
    })
  })

  test('before the first deployment there is no rate, rather than a perfect one', () => {
    expect(summarise(freshMetricsHouse().metrics).registration).toMatchObject({
      attempts: 0,
      registration_success_rate: null,
      registration_latency_ms: { p50: null, p95: null, p99: null },
    })
  })
})
