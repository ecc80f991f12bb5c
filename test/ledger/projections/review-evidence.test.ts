import fc from 'fast-check'
import type { Entry, EntryDraft, JsonObject } from '../../../ledger/entry/entry.ts'
import { evidenceDigest } from '../../../ledger/projections/evidence-digest.ts'
import { reviewEvidence } from '../../../ledger/projections/review-evidence.ts'
import type { ReviewEvidence } from '../../../ledger/projections/review-evidence.ts'
import { freshMetricsHouse } from '../../support/metrics-house.ts'
import { draft } from '../../support/temp-ledger.ts'
import { naiveCounts } from './naive-evidence.ts'

const at = (second: number): string => `2026-01-31T12:00:${String(second).padStart(2, '0')}Z`
const NONE = { tp: 0, fp: 0, unclear: 0 }

let serial = 0
const entry = (occurredAt: string, changes: Partial<EntryDraft>): Entry => ({
  ...draft({ entity: { type: 'filter', id: 'f-1' }, ...changes }),
  v: 1,
  id: `id-${++serial}`,
  recordedAt: occurredAt,
  occurredAt,
  environment: 'test',
})

interface Described {
  readonly toxicity?: number
  readonly version?: number
  readonly block_action?: string
}

const filterOf = ({ toxicity = 0.8, version, block_action = 'flag_and_pass' }: Described): JsonObject => ({
  ...(version !== undefined && { version }),
  config: {
    content_categories: ['hate_speech'],
    block_action,
    thresholds: { toxicity },
    false_positive_tolerance: 0.05,
  },
})
const digestOf = (toxicity: number): string => evidenceDigest(filterOf({ toxicity })) ?? ''
const LOOSE = digestOf(0.8)
const STRICT = digestOf(0.5)

const told = (
  second: number,
  described: Described,
  type: Entry['type'] = 'filter.updated',
  changes: Partial<EntryDraft> = {},
): Entry => entry(at(second), { type, data: { filter: filterOf(described) }, ...changes })

const block = (second: number, filterVersion?: number, actionTaken = 'flagged'): Entry =>
  entry(at(second), {
    type: 'block.recorded',
    data: { filterId: 'f-1', actionTaken, ...(filterVersion !== undefined && { filterVersion }) },
  })
const review = ({ id }: Entry, verdict: string): Entry =>
  entry(at(59), { type: 'block.reviewed', entity: { type: 'block', id }, data: { blockId: id, verdict } })
/** A block that was found right, with its review. */
const proven = (...described: Parameters<typeof block>): readonly Entry[] => {
  const one = block(...described)
  return [one, review(one, 'true_positive')]
}

/** Evidence over tables that are folded of the same entries. */
function emptyEvidence(): ReviewEvidence {
  const { apply, metrics } = freshMetricsHouse()
  const evidence = reviewEvidence(metrics)
  return {
    ...evidence,
    apply: (entry) => {
      apply(entry)
      evidence.apply(entry)
    },
  }
}

function fold(...entries: readonly (Entry | readonly Entry[])[]): ReviewEvidence {
  const evidence = emptyEvidence()
  for (const each of entries.flat()) evidence.apply(each)
  return evidence
}

describe('reviewed evidence', () => {
  test('counts flags apart from interventions, and passes and errors not at all', () => {
    const actions = ['flagged', 'blocked', 'redacted', 'passed', 'error_blocked', 'bypassed', 'toString']
    const evidence = fold(told(1, { version: 1 }), ...actions.map((actionTaken) => proven(2, 1, actionTaken)))
    expect(evidence.of('f-1', LOOSE)).toEqual({
      filterId: 'f-1',
      digest: LOOSE,
      versions: [1],
      wouldIntervene: { tp: 1, fp: 0, unclear: 0 },
      interventions: { tp: 2, fp: 0, unclear: 0 },
    })
    expect(evidence.unattributed('f-1')).toEqual({ wouldIntervene: NONE, interventions: NONE })
  })

  test('counts the latest verdict on each block, and no block that nobody reviewed', () => {
    const [one, two, three] = [block(2), block(2), block(2)]
    const evidence = fold(
      told(1, {}),
      [one, two, three],
      review(one, 'false_positive'),
      review(two, 'true_positive'),
      review(one, 'unclear'),
      review(two, 'nonsense'),
    )
    expect(evidence.of('f-1', LOOSE).wouldIntervene).toEqual({ tp: 1, fp: 0, unclear: 1 })
  })

  test('belongs to the version that the sender named, whatever was in force by the clock', () => {
    const evidence = fold(
      told(1, { version: 1 }),
      told(5, { version: 2, toxicity: 0.5 }),
      proven(9, 1),
      proven(2, 2),
    )
    expect(evidence.of('f-1', LOOSE).wouldIntervene.tp).toBe(1)
    expect(evidence.of('f-1', STRICT).wouldIntervene.tp).toBe(1)
  })

  test('belongs to what was in force when the block occurred, where no version was named', () => {
    const evidence = fold(
      told(1, { version: 1 }),
      told(5, { version: 2, toxicity: 0.5 }),
      proven(4),
      proven(5),
      proven(6),
    )
    expect(evidence.of('f-1', LOOSE).wouldIntervene.tp).toBe(1)
    expect(evidence.of('f-1', STRICT).wouldIntervene.tp).toBe(2)
  })

  test('is the same when the block is told before its filter', () => {
    const evidence = fold(proven(6), proven(6, 2))
    expect(evidence.unattributed('f-1').wouldIntervene.tp).toBe(2)
    for (const each of [told(5, { version: 2, toxicity: 0.5 }), told(1, { version: 1 })]) evidence.apply(each)
    expect(evidence.of('f-1', STRICT).wouldIntervene.tp).toBe(2)
    expect(evidence.unattributed('f-1').wouldIntervene.tp).toBe(0)
  })

  test('starts anew when a threshold changes, and comes back with the threshold', () => {
    const evidence = fold(
      told(1, { version: 1 }),
      proven(2),
      told(3, { version: 2, toxicity: 0.5 }),
      proven(4),
      told(5, { version: 3 }),
      proven(6),
    )
    expect(evidence.all('f-1')).toMatchObject([
      { digest: LOOSE, versions: [1, 3], wouldIntervene: { tp: 2 } },
      { digest: STRICT, versions: [2], wouldIntervene: { tp: 1 } },
    ])
  })

  test('is carried over a promotion, a demotion, and changes that decide nothing', () => {
    const evidence = fold(
      told(1, { version: 1 }),
      proven(2),
      told(3, { version: 2, block_action: 'block_and_log' }),
      proven(4, undefined, 'blocked'),
      told(5, { version: 3 }),
      proven(6),
    )
    expect(evidence.all('f-1')).toMatchObject([
      { versions: [1, 2, 3], wouldIntervene: { tp: 2 }, interventions: { tp: 1 } },
    ])
  })

  test('is of no filter but its own', () => {
    const other = { entity: { type: 'filter', id: '__proto__' } } as const
    const evidence = fold(told(1, { version: 1 }, 'filter.created', other), proven(2, 1))
    expect(evidence.of('__proto__', LOOSE)).toMatchObject({ versions: [1], wouldIntervene: NONE })
    expect(evidence.of('f-1', LOOSE)).toMatchObject({ versions: [], wouldIntervene: NONE })
    expect(evidence.of('f-2', LOOSE)).toMatchObject({ filterId: 'f-2', wouldIntervene: NONE })
    expect(evidence.all('f-2')).toEqual([])
    expect(evidence.unattributed('f-1').wouldIntervene.tp).toBe(1)
  })

  test('passes over entries of a strange shape', () => {
    const evidence = fold(
      entry(at(1), { type: 'filter.updated', entity: { type: 'filter' }, data: { filter: 3 } }),
      entry(at(1), {
        type: 'deployment.registered',
        entity: { type: 'filter' },
        data: { filterId: 3, filter: {} },
      }),
      entry(at(1), { type: 'block.recorded', data: { filterId: 3, actionTaken: 'flagged' } }),
      entry(at(1), { type: 'block.reviewed', data: { blockId: 3, verdict: 'unclear' } }),
      entry(at(1), { type: 'block.reviewed', data: { blockId: 'no', verdict: 'unclear' } }),
    )
    expect(evidence.all('f-1')).toEqual([])
  })
})

describe('what tells how a filter was', () => {
  const tpAfter = (...entries: readonly Entry[]) => {
    const evidence = fold(...entries, proven(30))
    return {
      loose: evidence.of('f-1', LOOSE).wouldIntervene.tp,
      strict: evidence.of('f-1', STRICT).wouldIntervene.tp,
      nobody: evidence.unattributed('f-1').wouldIntervene.tp,
    }
  }
  const bare = (type: Entry['type'], changes: Partial<EntryDraft> = {}) =>
    entry(at(9), { type, data: {}, ...changes })
  const changed = (...properties: readonly string[]): Partial<EntryDraft> => ({
    propertyChanges: properties.map((property) => ({ property, oldValues: [], newValues: [] })),
  })

  test.each<[string, readonly Entry[], 'loose' | 'strict' | 'nobody']>([
    ['nothing', [], 'nobody'],
    ['its event', [told(1, {}, 'filter.created')], 'loose'],
    ['a deployment that holds it', [told(1, {}, 'deployment.registered')], 'loose'],
    ['a deployment that found it so', [told(1, {}, 'deployment.unchanged')], 'loose'],
    [
      'a deployment that names it in its data alone',
      [
        entry(at(1), {
          type: 'deployment.registered',
          entity: { type: 'filter', name: 'guard' },
          data: { filterId: 'f-1', filter: filterOf({}) },
        }),
      ],
      'loose',
    ],
    ['no deployment that was only asked for', [told(1, {}, 'deployment.requested')], 'nobody'],
    ['no deployment without it', [told(1, {}), bare('deployment.registered')], 'loose'],
    ['nothing once it was deleted', [told(1, {}), told(2, {}, 'filter.deleted')], 'nobody'],
    ['the newest, though it came first', [told(9, { toxicity: 0.5 }), told(1, {})], 'strict'],
    [
      'the highest version, when a lower one is told after it',
      [told(1, { version: 3, toxicity: 0.5 }), told(2, { version: 2 }, 'deployment.registered')],
      'strict',
    ],
    ['nothing, when two tell the same moment otherwise', [told(1, {}), told(1, { toxicity: 0.5 })], 'nobody'],
    [
      'nothing once it was deleted, by an event that lags in its version too',
      [told(1, { version: 3 }), told(2, { version: 2 }, 'filter.deleted')],
      'nobody',
    ],
    [
      'nothing once it was deleted, by a lower version that is told after it either',
      [
        told(1, { version: 3, toxicity: 0.5 }),
        told(2, { version: 1 }, 'filter.deleted'),
        told(3, { version: 2 }),
      ],
      'nobody',
    ],
    [
      'the version that is told once more, after a change that was told without the filter',
      [told(1, { version: 1 }), bare('filter.updated'), told(10, { version: 1 })],
      'loose',
    ],
    [
      'nothing, when one of two that tell the same moment may have changed it',
      [told(1, {}), bare('filter.updated', changed('enabled')), bare('filter.updated')],
      'nobody',
    ],
    [
      'nothing, after an audit event of a version that two tell otherwise',
      [
        told(0, { version: 2 }),
        told(0, { version: 2, toxicity: 0.5 }),
        told(1, {}),
        bare('filter.updated', { ...changed('enabled'), data: { filter: { version: 2 } } }),
      ],
      'nobody',
    ],
    [
      'nothing, when two tell the same version otherwise',
      [told(1, { version: 1 }), told(2, { version: 1, toxicity: 0.5 })],
      'nobody',
    ],
    [
      'an event that has the version alone, by what was told of that version',
      [told(9, { version: 2 }), bare('filter.updated', { data: { filter: { version: 2 } } })],
      'loose',
    ],
    [
      'nothing, after a change that was told without the filter',
      [told(1, {}), bare('filter.updated')],
      'nobody',
    ],
    [
      'what was, after an audit event of what decides nothing',
      [told(1, {}), bare('filter.updated', changed('enabled', 'config.block_action'))],
      'loose',
    ],
    [
      'nothing, after an audit event of a threshold',
      [told(1, {}), bare('filter.updated', changed('enabled', 'config.thresholds.toxicity'))],
      'nobody',
    ],
    [
      'nothing, after an audit event of which a part was left out',
      [told(1, {}), bare('filter.updated', { ...changed('enabled'), data: { omittedChanges: 1 } })],
      'nobody',
    ],
    [
      'nothing, after an event too large for its filter',
      [told(1, {}), bare('filter.created', { data: { omitted: ['filter'] } })],
      'nobody',
    ],
    ['what was, after an audit event of its creation', [told(1, {}), bare('filter.created')], 'loose'],
    [
      'nothing, after a filter with thresholds that cannot be read',
      [told(1, {}), bare('filter.updated', { data: { filter: { config: { thresholds: 'x' } } } })],
      'nobody',
    ],
  ])('is %s', (_, entries, who) => {
    expect(tpAfter(...entries)).toEqual({ loose: 0, strict: 0, nobody: 0, [who]: 1 })
  })

  test('holds from its own instant on, in whichever way that is written', () => {
    const change = { ...told(0, { toxicity: 0.5 }), occurredAt: '2026-01-31T12:00:05.5Z' }
    const before = { ...block(0), occurredAt: '2026-01-31T12:00:05.499999999Z' }
    const after = { ...block(0), occurredAt: '2026-01-31T12:00:05.500Z' }
    const evidence = fold(
      [told(1, {}), change, before, after],
      review(before, 'false_positive'),
      review(after, 'true_positive'),
    )
    expect(evidence.of('f-1', LOOSE).wouldIntervene).toEqual({ tp: 0, fp: 1, unclear: 0 })
    expect(evidence.of('f-1', STRICT).wouldIntervene).toEqual({ tp: 1, fp: 0, unclear: 0 })
  })
})

describe('any history', () => {
  // Few values, so that much of a history is alike, late, or contradicts itself.
  const second = fc.integer({ min: 0, max: 4 })
  const version = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 2 })
  const filterId = fc.constantFrom('f-1', 'f-2')
  const toxicity = fc.constantFrom(0.8, 0.5)
  const telling = fc
    .record({
      filterId,
      second,
      version,
      toxicity: fc.option(toxicity, { nil: undefined }),
      changed: fc.constantFrom('enabled', 'config.thresholds.toxicity', undefined),
      type: fc.constantFrom<Entry['type']>(
        'filter.created',
        'filter.updated',
        'filter.updated',
        'filter.deleted',
        'deployment.registered',
      ),
    })
    .map(({ filterId: id, second: s, version: v, toxicity: t, changed, type }) => {
      const filter: JsonObject =
        t === undefined
          ? { ...(v !== undefined && { version: v }) }
          : filterOf({ toxicity: t, ...(v !== undefined && { version: v }) })
      return entry(at(s), {
        type,
        entity: { type: 'filter', id },
        ...(t === undefined &&
          changed !== undefined && {
            propertyChanges: [{ property: changed, oldValues: [], newValues: [] }],
          }),
        data: { filter },
      })
    })
  const reviewed = fc
    .record({
      filterId,
      second,
      version,
      actionTaken: fc.constantFrom('flagged', 'flagged', 'blocked', 'redacted', 'passed'),
      verdicts: fc.array(fc.constantFrom('true_positive', 'false_positive', 'unclear'), { maxLength: 3 }),
    })
    .map(({ filterId: id, second: s, version: v, actionTaken, verdicts }) => {
      const one = entry(at(s), {
        type: 'block.recorded',
        data: { filterId: id, actionTaken, ...(v !== undefined && { filterVersion: v }) },
      })
      return [one, ...verdicts.map((verdict) => review(one, verdict))]
    })

  const answers = (evidence: ReviewEvidence) =>
    ['f-1', 'f-2'].map((id) => [evidence.of(id, LOOSE), evidence.of(id, STRICT), evidence.unattributed(id)])

  test('gives, after each entry, what a count from scratch gives', () => {
    fc.assert(
      fc.property(
        fc.array(telling, { maxLength: 6 }),
        fc.array(reviewed, { maxLength: 8 }),
        fc.infiniteStream(fc.boolean()),
        (tellings, blocks, coin) => {
          const history = interleave(tellings, blocks.flat(), coin)
          const evidence = emptyEvidence()
          history.forEach((each, i) => {
            evidence.apply(each)
            const so = history.slice(0, i + 1)
            for (const id of ['f-1', 'f-2']) {
              for (const [value, digest] of [
                [0.8, LOOSE],
                [0.5, STRICT],
              ] as const) {
                const { wouldIntervene, interventions } = evidence.of(id, digest)
                expect({ wouldIntervene, interventions }).toEqual(naiveCounts(so, id, value))
              }
              expect(evidence.unattributed(id)).toEqual(naiveCounts(so, id, undefined))
            }
          })
        },
      ),
    )
  })

  test('gives the same in whichever order filters and blocks were told', () => {
    fc.assert(
      fc.property(
        fc
          .array(telling, { maxLength: 6 })
          .chain((all) =>
            fc.tuple(
              fc.constant(all),
              fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
            ),
          ),
        fc.array(reviewed, { maxLength: 8 }),
        ([tellings, shuffled], blocks) => {
          expect(answers(fold(blocks.flat(), shuffled))).toEqual(answers(fold(tellings, blocks.flat())))
        },
      ),
    )
  })
})

/** Both in their own order, shuffled into each other. */
function interleave(a: readonly Entry[], b: readonly Entry[], coin: Iterator<boolean>): readonly Entry[] {
  const [first, second] = [[...a], [...b]]
  const merged: Entry[] = []
  while (first.length + second.length > 0) {
    const from = second.length === 0 || (first.length > 0 && coin.next().value === true) ? first : second
    merged.push(from.shift() as Entry)
  }
  return merged
}
