import type { EntryType } from '../../../ledger/entry/entry.ts'
import { promtool, promtoolMissing } from '../../support/promtool.ts'
import { draft, removeTempFolders } from '../../support/temp-ledger.ts'
import { eventBody, startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver } from '../../support/test-receiver.ts'
import { call } from '../http-caller.ts'
import { parseExposition } from './exposition.ts'
import type { Exposed } from './exposition.ts'

let receiver: TestReceiver

beforeEach(async () => {
  receiver = await startTestReceiver()
})

afterEach(() => receiver.close())
afterAll(removeTempFolders)

async function scrape(): Promise<string> {
  const token = await receiver.token(['metrics:read'])
  return (await call(`${receiver.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text
}

const exposed = async (): Promise<ReadonlyMap<string, Exposed>> => parseExposition(await scrape())

/** A recorded decision; gives its id. */
async function decide(data: Readonly<Record<string, string | number>>): Promise<string> {
  const facts = { category: 'pii', score: 0.9, threshold: 0.5, direction: 'output', ...data }
  const { id } = await receiver.ledger.append({
    entry: draft({ type: 'block.recorded', action: 'record', data: facts }),
  })
  return id
}

async function review(blockId: string, verdict: string, reviewerId = 'r-1', role = 'verdict'): Promise<void> {
  const data = { blockId, verdict, reviewerId, role }
  await receiver.ledger.append({ entry: draft({ type: 'block.reviewed', action: 'review', data }) })
}

const deploy = (
  data: Readonly<Record<string, string | number | boolean>>,
  type: EntryType = 'deployment.registered',
) => receiver.ledger.append({ entry: draft({ type, data }) })

const numbersOf = (families: ReadonlyMap<string, Exposed>, name: string): Record<string, number> =>
  Object.fromEntries(
    (families.get(name)?.samples ?? [])
      .filter(({ value }) => value !== 0)
      .map(({ labels, value }) => [Object.values(labels).join(' '), value]),
  )

describe('the exposition', () => {
  test('keeps to the format and its conventions, with and without facts', async () => {
    const empty = await exposed()
    await receiver.deliver(eventBody())
    await review(await decide({ filterId: 'f-1', actionTaken: 'blocked' }), 'false_positive')
    await deploy({ latencyMs: 40 })
    const filled = await exposed()
    expect([...filled.keys()]).toEqual([...empty.keys()])
    for (const [name, { help, type }] of filled) {
      expect(name).toMatch(/^filter_ledger_/)
      // Base units: no metric counts milliseconds or percents.
      expect(name).not.toMatch(/_(ms|millis|milliseconds|percent|minutes|hours)(_|$)/)
      expect([name, help]).toEqual([name, expect.stringMatching(/^.{10,}\.$/)])
      if (type === 'histogram') expect(name).toMatch(/_seconds$/)
    }
  })

  test('is what promtool takes without a word', async () => {
    const missing = promtoolMissing()
    if (missing !== undefined) {
      console.warn(missing)
      return
    }
    await receiver.deliver(eventBody({ filter: { id: 'a"b\\c\nd{}', name: 'x"\n' } }))
    await decide({ filterId: 'f-1', actionTaken: 'blocked' })
    expect(promtool(['check', 'metrics'], await scrape())).toEqual({ code: 0, output: '' })
  })

  test('counts decisions, evaluations and the latest verdicts of a filter', async () => {
    const [first, second] = [
      await decide({ filterId: 'f-1', actionTaken: 'blocked' }),
      await decide({ filterId: 'f-1', actionTaken: 'redacted', category: 'hate_speech' }),
    ]
    const shadow = await decide({ filterId: 'f-1', actionTaken: 'flagged' })
    const passed = await decide({ filterId: 'f-1', actionTaken: 'passed' })
    await decide({ filterId: 'f-1', actionTaken: 'error_blocked' })
    await review(first, 'true_positive')
    await review(first, 'false_positive')
    await review(second, 'unclear')
    await review(shadow, 'true_positive')
    await review(passed, 'false_negative')
    await receiver.ledger.append({
      entry: draft({
        type: 'evaluations.recorded',
        data: {
          filterId: 'f-1',
          category: 'pii',
          from: '2026-01-31T12:00:00.000Z',
          to: '2026-01-31T13:00:00.000Z',
          evaluations: 1000,
        },
      }),
    })
    const families = await exposed()
    expect(numbersOf(families, 'filter_ledger_filter_decisions_total')).toEqual({
      'f-1 pii blocked': 1,
      'f-1 hate_speech redacted': 1,
      'f-1 pii flagged': 1,
      'f-1 pii passed': 1,
      'f-1 pii error_blocked': 1,
    })
    expect(numbersOf(families, 'filter_ledger_filter_evaluations_total')).toEqual({ 'f-1 pii': 1000 })
    expect(numbersOf(families, 'filter_ledger_filter_reviews')).toEqual({
      'f-1 intervention false_positive': 1,
      'f-1 intervention unclear': 1,
      'f-1 shadow true_positive': 1,
      'f-1 pass false_negative': 1,
    })
  })

  test('tells how the version in force stands, and begins anew with the next one', async () => {
    const filter = (version: number) => ({
      id: 'f-1',
      name: 'guard',
      version,
      enabled: true,
      config: { false_positive_tolerance: 0.05 },
    })
    await receiver.deliver(eventBody({ filter: filter(3) }))
    const before = await exposed()
    expect(numbersOf(before, 'filter_ledger_filter_info')).toEqual({ 'f-1 guard 3 enabled': 1 })
    expect(numbersOf(before, 'filter_ledger_filters')).toEqual({ enabled: 1 })
    expect(numbersOf(before, 'filter_ledger_filter_verdict')).toEqual({ 'f-1 undecided': 1 })
    expect(before.get('filter_ledger_filter_false_discovery_ratio')?.samples).toEqual([])
    expect(before.get('filter_ledger_review_kappa_ratio')?.samples).toEqual([])
    for (let i = 0; i < 8; i++)
      await review(
        await decide({ filterId: 'f-1', actionTaken: 'blocked' }),
        i < 6 ? 'false_positive' : 'true_positive',
      )
    const breached = await exposed()
    const [low, share, high] = ['lower_', '', 'upper_'].map(
      (end) => numbersOf(breached, `filter_ledger_filter_false_discovery_${end}ratio`)['f-1'],
    )
    expect([low, share, high]).toEqual([expect.closeTo(0.4093, 4), 0.75, expect.closeTo(0.9285, 4)])
    expect(numbersOf(breached, 'filter_ledger_filter_tolerance_ratio')).toEqual({ 'f-1': 0.05 })
    expect(numbersOf(breached, 'filter_ledger_filter_verdict')).toEqual({ 'f-1 breached': 1 })
    expect(numbersOf(breached, 'filter_ledger_filter_alarm')).toEqual({ 'f-1': 1 })
    expect(numbersOf(breached, 'filter_ledger_filter_error_budget_used_ratio')).toEqual({ 'f-1': 1 })
    await receiver.deliver(eventBody({ filter: filter(4), timestamp: '2026-01-31T13:00:00.000Z' }))
    const next = await exposed()
    expect(numbersOf(next, 'filter_ledger_filter_verdict')).toEqual({ 'f-1 undecided': 1 })
    expect(numbersOf(next, 'filter_ledger_filter_alarm')).toEqual({})
    expect(numbersOf(next, 'filter_ledger_filter_error_budget_used_ratio')['f-1']).toBeCloseTo(0.05)
    expect(numbersOf(next, 'filter_ledger_filter_reviews')['f-1 intervention false_positive']).toBe(6)
  })

  test('tells what waits for a reviewer, and how two of them agree', async () => {
    const ids: string[] = []
    for (let i = 0; i < 60; i++) ids.push(await decide({ filterId: 'f-1', actionTaken: 'blocked' }))
    expect(numbersOf(await exposed(), 'filter_ledger_review_queue_depth')).toEqual({ verdict: 60 })
    for (const [i, id] of ids.entries()) {
      const verdict = i % 2 === 0 ? 'true_positive' : 'false_positive'
      await review(id, verdict)
      await review(id, verdict, 'r-2', 'second')
    }
    const families = await exposed()
    expect(numbersOf(families, 'filter_ledger_review_pairs')['']).toBeGreaterThan(0)
    expect(numbersOf(families, 'filter_ledger_review_kappa_ratio')).toEqual({ '': 1 })
    expect(numbersOf(families, 'filter_ledger_review_queue_depth')['verdict']).toBeUndefined()
  })

  test('has registrations as a histogram in seconds, with failures by class and what 429 cost', async () => {
    for (const latencyMs of [10, 40, 700, 61_000]) await deploy({ latencyMs })
    await deploy({ errorClass: 'rate_limited', waitedOn429Ms: 1500 }, 'deployment.failed')
    await deploy({}, 'deployment.unchanged')
    const families = await exposed()
    expect(numbersOf(families, 'filter_ledger_registration_duration_seconds')).toEqual({
      '0.01': 1,
      '0.025': 1,
      '0.05': 2,
      '0.1': 2,
      '0.25': 2,
      '0.5': 2,
      '1': 3,
      '2.5': 3,
      '5': 3,
      '10': 3,
      '25': 3,
      '60': 3,
      '+Inf': 4,
      '': 4,
    })
    const samples = families.get('filter_ledger_registration_duration_seconds')?.samples
    expect(samples?.find(({ name }) => name.endsWith('_sum'))?.value).toBeCloseTo(61.75)
    expect(numbersOf(families, 'filter_ledger_registrations_total')).toEqual({
      registered: 4,
      unchanged: 1,
      failed: 1,
    })
    expect(numbersOf(families, 'filter_ledger_registration_failures_total')).toEqual({ rate_limited: 1 })
    expect(numbersOf(families, 'filter_ledger_registration_rate_limit_wait_seconds_total')).toEqual({
      '': 1.5,
    })
  })
})

describe('ids that senders make up', () => {
  test('have at most 200 filters with series of their own; no real one is pushed out, and the sums stay right', async () => {
    await receiver.deliver(eventBody({ filter: { id: 'zz-real', name: 'guard', enabled: true, version: 1 } }))
    await Promise.all(
      Array.from({ length: 1000 }, (_, i) => decide({ filterId: `strange-${i}`, actionTaken: 'blocked' })),
    )
    await decide({ filterId: 'zz-real', actionTaken: 'blocked' })
    const families = await exposed()
    const all = [...families.values()].flatMap(({ samples }) => samples)
    const shown = new Set(all.flatMap(({ labels }) => labels['filter'] ?? []))
    expect(shown.size).toBe(201)
    expect([shown.has('zz-real'), shown.has('other')]).toEqual([true, true])
    const decisions = numbersOf(families, 'filter_ledger_filter_decisions_total')
    expect(decisions['other pii blocked']).toBe(801)
    expect(Object.values(decisions).reduce((a, b) => a + b)).toBe(1001)
    expect(numbersOf(families, 'filter_ledger_filters')).toEqual({ enabled: 1, unknown: 1000 })
    expect(all.length).toBeLessThan(6000)
  })

  test.each([
    ['quotes, backslashes, braces', 'a"b\\c{d}=",e', 'a"b\\c{d}=",e'],
    ['a line feed', 'a\nfilter_ledger_writable 0', 'a\nfilter_ledger_writable 0'],
    ['control characters', 'a\r\u0000\u001b[2J', 'a\ufffd\ufffd\ufffd[2J'],
    ['a character that the cut halves', `${'a'.repeat(255)}😀`, `${'a'.repeat(255)}\ufffd`],
    ['a name of ours', 'other', 'other'],
  ])('reach a scraper whole: %s', async (_name, filterId, label) => {
    await decide({ filterId, actionTaken: 'blocked' })
    const decisions = (await exposed()).get('filter_ledger_filter_decisions_total')?.samples
    expect(decisions?.filter(({ value }) => value > 0)).toMatchObject([
      { labels: { filter: label }, value: 1 },
    ])
  })

  test('are cut to 256 characters, and those that become one are added up', async () => {
    for (const end of ['x', 'y']) await decide({ filterId: 'a'.repeat(300) + end, actionTaken: 'blocked' })
    expect(numbersOf(await exposed(), 'filter_ledger_filter_decisions_total')).toEqual({
      [`${'a'.repeat(256)} pii blocked`]: 2,
    })
  })
})
