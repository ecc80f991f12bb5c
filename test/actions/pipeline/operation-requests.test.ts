import fc from 'fast-check'
import type { RemoteFilter } from '../../../actions/filter/compare-filters.ts'
import {
  parseApplyRequest,
  parseChangeRequest,
  parsePlanRequest,
  parsePromoteRequest,
  parseReconcileRequest,
  parseRollbackRequest,
} from '../../../actions/pipeline/operation-requests.ts'
import { parsePlan } from '../../../actions/pipeline/parse-plan.ts'
import { planSet } from '../../../actions/pipeline/set-plan.ts'
import type { SetPlan } from '../../../actions/pipeline/set-plan.ts'
import type { Parsed } from '../../../actions/violation.ts'

const META = { reason: 'CAB-31', ticketRef: 'CHG-1', onBehalfOf: 'chief' }

function filterPayload(name: string, changes: object = {}): object {
  const config = {
    content_categories: ['violence', 'pii'],
    block_action: 'block_and_log',
    thresholds: { pii: 0.9, violence: 0.8 },
    false_positive_tolerance: 0.03,
  }
  return { name, filter_type: 'safety', enabled: true, config, ...changes }
}

function pathsOf(parsed: Parsed<unknown>): readonly string[] {
  return parsed.ok ? [] : parsed.violations.map(({ path }) => path)
}

function valueOf<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new TypeError(JSON.stringify(parsed.violations))
  return parsed.value
}

function live(name: string): RemoteFilter {
  const raw = { id: `id-${name}`, ...filterPayload(name), priority: 10 }
  return { id: raw.id, name, filterType: 'safety', enabled: true, priority: 10, version: 1, raw }
}

/** A plan with a line of each kind, as `plan` makes it. */
function madePlan(): SetPlan {
  const { specs } = valueOf(
    parsePlanRequest({ filters: [filterPayload('new'), filterPayload('changed', { enabled: false })] }),
  )
  return planSet(specs, [live('changed'), { ...live('old'), priority: 20 }], {
    maxEnabledFilters: 50,
    isOwned: () => true,
    prune: true,
    now: new Date('2026-01-31T12:00:00Z'),
  })
}

const viaJson = (value: unknown): Record<string, unknown> =>
  JSON.parse(JSON.stringify(value)) as Record<string, unknown>

describe('a request for a plan', () => {
  test('gives specs with their defaults, and prunes only when told to', () => {
    const { specs, prune } = valueOf(parsePlanRequest({ filters: [filterPayload('guard')] }))
    expect(specs).toMatchObject([{ name: 'guard', priority: 'auto', enabled: true }])
    expect(prune).toBe(false)
    expect(valueOf(parsePlanRequest({ filters: [], prune: true }))).toEqual({ specs: [], prune: true })
  })

  test.each<[unknown, readonly string[]]>([
    [{}, ['filters']],
    [{ filters: null }, ['filters']],
    [{ filters: { 0: filterPayload('guard') } }, ['filters']],
    [{ filters: [], prune: 'yes' }, ['prune']],
    [{ filters: [], force: true }, ['force']],
    [{ filters: [filterPayload('guard'), filterPayload('x')] }, ['filters.1.name']],
    [{ filters: [null] }, ['filters.0.']],
    [{ filters: Array.from({ length: 1001 }, (_, i) => filterPayload(`guard-${i}`)) }, ['filters']],
    ['text', ['filters']],
    [null, ['filters']],
  ])('is refused by the path of what is wrong (%#)', (input, paths) => {
    expect(pathsOf(parsePlanRequest(input))).toEqual(paths)
  })

  test('takes as many filters as it says it does', () => {
    const filters = Array.from({ length: 1000 }, (_, i) => filterPayload(`guard-${i}`))
    expect(valueOf(parsePlanRequest({ filters })).specs).toHaveLength(1000)
  })

  test('names the filter whose name or priority another one has, and that other one', () => {
    const filters = [
      filterPayload('guard', { priority: 10 }),
      filterPayload('other', { priority: 10 }),
      filterPayload('guard', { priority: 20 }),
    ]
    const parsed = parsePlanRequest({ filters })
    expect(parsed).toMatchObject({
      ok: false,
      violations: [
        { path: 'filters.1.priority', message: 'it is that of filters.0 already' },
        { path: 'filters.2.name', message: 'it is that of filters.0 already' },
      ],
    })
  })

  test('takes one name for each type, and any number of priorities that are allocated', () => {
    const filters = [
      filterPayload('guard', { priority: 'auto' }),
      filterPayload('other', { priority: 'auto' }),
    ]
    expect(parsePlanRequest({ filters }).ok).toBe(true)
    const composed = [filterPayload('caf\u00e9-guard'), filterPayload('cafe\u0301-guard')]
    expect(pathsOf(parsePlanRequest({ filters: composed }))).toEqual(['filters.1.name'])
  })
})

describe('a plan', () => {
  test('that went through JSON is read as it was made', () => {
    const plan = madePlan()
    expect(plan.lines.map(({ action }) => action).sort()).toEqual(['create', 'delete', 'update'])
    expect(valueOf(parsePlan(viaJson(plan)))).toEqual(plan)
    expect(valueOf(parseApplyRequest(viaJson({ plan, ...META })))).toEqual({ plan, meta: META })
  })

  test.each<[string, unknown, string]>([
    ['planVersion', 2, 'planVersion'],
    ['planVersion', undefined, 'planVersion'],
    ['planId', 'abc', 'planId'],
    ['planId', 'A'.repeat(64), 'planId'],
    ['madeAt', 7, 'madeAt'],
    ['prune', 'no', 'prune'],
    ['lines', undefined, 'lines'],
    ['lines', {}, 'lines'],
    ['unchanged', [{ filterId: 'f' }], 'unchanged'],
    ['unchanged', [{ name: 'a' }], 'unchanged'],
    ['leftAlone', [null], 'leftAlone'],
    ['leftAlone', [{ name: 'a', owned: true }], 'leftAlone'],
    ['conflicts', 'none', 'conflicts'],
    ['conflicts', [{ name: 'a' }], 'conflicts'],
    ['quota', undefined, 'quota'],
    ['quota', { before: 1, after: 2 }, 'quota'],
    ['quota', { before: 1, after: 2.5, max: 3 }, 'quota'],
    ['basis', { a: 1 }, 'basis'],
    ['basis', undefined, 'basis'],
    ['basis', 'text', 'basis'],
    ['basis', [], 'basis'],
    ['more', true, 'more'],
    ['lines', [{ name: 'a', action: 'replace' }], 'lines.0.action'],
    ['lines', [{ name: 'a', action: 'create' }], 'lines.0.filter'],
    ['lines', [{ name: 'a', action: 'delete', before: { name: 'a' } }], 'lines.0.filterId'],
    ['lines', [{ name: 'a', action: 'delete', filterId: 'f' }], 'lines.0.before'],
    ['lines', [{ name: 'a', action: 'update', filterId: 'f', before: { name: 'a' } }], 'lines.0.filter'],
    [
      'lines',
      [{ name: 'a', action: 'update', filterId: 'f', before: { name: 'a' }, filter: { name: 'a' } }],
      'lines.0.differences',
    ],
    [
      'lines',
      [
        {
          name: 'a',
          action: 'update',
          filterId: 'f',
          before: { name: 'a' },
          filter: { name: 'a' },
          differences: [{ path: 1 }],
        },
      ],
      'lines.0.differences',
    ],
  ])('whose %s is %j is refused by the path', (member, value, path) => {
    const parsed = parsePlan({ ...viaJson(madePlan()), [member]: value })
    expect(pathsOf(parsed)).toContain(path)
    expect(parsed).toMatchObject({
      violations: expect.arrayContaining([
        expect.objectContaining({ path: '', message: 'this is no plan of `filter-ledger plan`' }),
      ]) as unknown,
    })
  })

  test('written by hand gets no filter past the rules, nor anything but a priority moved aside', () => {
    const blocking = filterPayload('guard', { priority: 500 })
    const create = { name: 'guard', action: 'create', filter: blocking }
    expect(pathsOf(parsePlan({ ...viaJson(madePlan()), lines: [create] }))).toContain(
      'lines.0.filter.priority',
    )
    const before = { name: 'guard', enabled: true, priority: 500, unheard: 'of' }
    const update = { name: 'guard', action: 'update', filterId: 'f', before, differences: [], interim: true }
    const moved = { ...update, filter: { ...before, priority: 7 } }
    expect(parsePlan({ ...viaJson(madePlan()), lines: [moved] }).ok).toBe(true)
    const disabled = { ...update, filter: { ...before, enabled: false } }
    expect(pathsOf(parsePlan({ ...viaJson(madePlan()), lines: [disabled] }))).toContain('lines.0.filter')
  })

  test('is no plan where a filter, a list or nothing stands', () => {
    for (const value of [undefined, null, [], 'text', 7, filterPayload('guard')])
      expect(pathsOf(parsePlan(value))).toContain('lines')
  })

  test.each<[unknown, string]>([
    [{}, 'plan'],
    [{ plan: null }, 'planVersion'],
    [{ plan: 'plan.json' }, 'plan'],
    [{ plan: [] }, 'lines'],
    [{ plan: {}, reason: 7 }, 'reason'],
    [{ plan: {}, force: true }, 'force'],
  ])('asked to be applied as %j is refused by %s', (input, path) => {
    expect(pathsOf(parseApplyRequest(input))).toContain(path)
  })
})

describe('a change, a rollback, a promotion, a reconciliation', () => {
  test('give what was asked, and who wants it and why apart from it', () => {
    const asked = { filter: 'guard', requestId: 'r-1' }
    expect(valueOf(parseChangeRequest({ ...asked, ...META, operation: 'disable' }))).toEqual({
      change: { ...asked, operation: 'disable' },
      meta: META,
    })
    expect(valueOf(parseRollbackRequest({ ...asked, to: { revision: 2 } }))).toEqual({
      rollback: { ...asked, to: { revision: 2 } },
      meta: {},
    })
    const at = '2026-01-31T12:00:00.5Z'
    expect(valueOf(parseRollbackRequest({ filter: 'guard', to: { at } })).rollback.to).toEqual({ at })
    expect(valueOf(parsePromoteRequest({ filter: 'guard' })).promotion).toEqual({
      filter: 'guard',
      to: 'block_and_log',
      breakGlass: false,
    })
    expect(
      valueOf(parsePromoteRequest({ ...asked, ...META, to: 'redact_and_log', breakGlass: true })),
    ).toEqual({ promotion: { ...asked, to: 'redact_and_log', breakGlass: true }, meta: META })
    expect(valueOf(parseReconcileRequest({}))).toEqual({ reconcile: {}, meta: {} })
    expect(valueOf(parseReconcileRequest({ answer: 'adopt', only: ['guard'], ...META }))).toEqual({
      reconcile: { answer: 'adopt', only: ['guard'] },
      meta: META,
    })
  })

  const change = { operation: 'enable', filter: 'guard' }
  const rollback = { filter: 'guard', to: { revision: 1 } }
  test.each<[string, (input: unknown) => Parsed<unknown>, object, readonly string[]]>([
    ['change', parseChangeRequest, { ...change, operation: 'promote' }, ['operation']],
    ['change', parseChangeRequest, { ...change, operation: undefined }, ['operation']],
    ['change', parseChangeRequest, { ...change, filter: 7 }, ['filter']],
    ['change', parseChangeRequest, { ...change, filter: '' }, ['filter']],
    ['change', parseChangeRequest, { ...change, filter: 'x'.repeat(257) }, ['filter']],
    ['change', parseChangeRequest, { ...change, requestId: 'a b' }, ['requestId']],
    ['change', parseChangeRequest, { ...change, reason: 'x'.repeat(501) }, ['reason']],
    ['change', parseChangeRequest, { ...change, ticketRef: 1 }, ['ticketRef']],
    ['change', parseChangeRequest, { ...change, onBehalfOf: {} }, ['onBehalfOf']],
    ['change', parseChangeRequest, { ...change, force: true }, ['force']],
    ['rollback', parseRollbackRequest, { ...rollback, to: {} }, ['to']],
    [
      'rollback',
      parseRollbackRequest,
      { ...rollback, to: { revision: 1, at: '2026-01-31T12:00:00Z' } },
      ['to'],
    ],
    ['rollback', parseRollbackRequest, { ...rollback, to: undefined }, ['to']],
    ['rollback', parseRollbackRequest, { ...rollback, to: 1 }, ['to']],
    ['rollback', parseRollbackRequest, { ...rollback, to: [] }, ['to']],
    ['rollback', parseRollbackRequest, { ...rollback, to: { revision: 0 } }, ['to.revision']],
    ['rollback', parseRollbackRequest, { ...rollback, to: { revision: 1.5 } }, ['to.revision']],
    ['rollback', parseRollbackRequest, { ...rollback, to: { at: '2026-01-31' } }, ['to.at']],
    ['rollback', parseRollbackRequest, { ...rollback, to: { at: '2026-13-31T12:00:00Z' } }, ['to.at']],
    ['rollback', parseRollbackRequest, { ...rollback, to: { revision: 1, by: 1 } }, ['to.by']],
    ['promote', parsePromoteRequest, { filter: 'guard', to: 'flag_and_pass' }, ['to']],
    ['promote', parsePromoteRequest, { filter: 'guard', breakGlass: 'yes' }, ['breakGlass']],
    ['promote', parsePromoteRequest, {}, ['filter']],
    ['reconcile', parseReconcileRequest, { answer: 'ignore' }, ['answer']],
    ['reconcile', parseReconcileRequest, { only: ['guard'] }, ['only']],
    ['reconcile', parseReconcileRequest, { answer: 'adopt', only: 'guard' }, ['only']],
    ['reconcile', parseReconcileRequest, { answer: 'adopt', only: [1] }, ['only']],
    ['reconcile', parseReconcileRequest, { answer: 'adopt', only: Array(1001).fill('a') }, ['only']],
  ])('%s is refused by the path of what is wrong (%#)', (_name, parse, input, paths) => {
    expect([...new Set(pathsOf(parse(input)))]).toEqual(paths)
  })
})

describe('no input', () => {
  const PARSERS = [
    parseApplyRequest,
    parseChangeRequest,
    parsePlan,
    parsePlanRequest,
    parsePromoteRequest,
    parseReconcileRequest,
    parseRollbackRequest,
  ]

  test('makes a parser throw, nor goes through without being understood', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        for (const parse of PARSERS.filter((each) => each !== parseReconcileRequest))
          expect(parse(input).ok).toBe(false)
        parseReconcileRequest(input)
      }),
    )
  })

  test('that is nearly right makes one throw', () => {
    const key = fc.constantFrom(
      ...Object.keys(madePlan()),
      'filter',
      'filters',
      'plan',
      'to',
      'only',
      'answer',
    )
    const value = fc.oneof(
      fc.anything(),
      fc.array(fc.object()),
      fc.array(fc.record({ name: fc.string(), action: fc.constantFrom('create', 'update', 'delete') })),
    )
    fc.assert(
      fc.property(fc.dictionary(key, value), (changes) => {
        const input = { ...viaJson(madePlan()), ...changes }
        for (const parse of PARSERS) {
          parse(changes)
          parse(input)
          parse({ plan: input })
        }
      }),
      { numRuns: 30 },
    )
  })
})
