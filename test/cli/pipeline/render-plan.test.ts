import { renderPlan } from '../../../cli/pipeline/render-plan.ts'
import type { FilterBody } from '../../../actions/filter/filter-body.ts'
import type { PlanLine } from '../../../actions/pipeline/plan-line.ts'
import type { SetPlan } from '../../../actions/pipeline/set-plan.ts'

const BODY: FilterBody = {
  name: 'guard',
  filter_type: 'safety',
  enabled: true,
  priority: 10,
  config: {
    content_categories: ['pii', 'violence'],
    block_action: 'flag_and_pass',
    thresholds: { pii: 0.9, violence: 0.8 },
    false_positive_tolerance: 0.03,
  },
}
const CREATE: PlanLine = { action: 'create', name: 'guard', filter: BODY }
const DELETE: PlanLine = { action: 'delete', name: 'old', filterId: 'f-9', before: BODY }

function update(changes: Partial<Extract<PlanLine, { action: 'update' }>> = {}): PlanLine {
  const differences = [{ path: 'config.thresholds.pii', found: '0.9', wanted: '0.7' }]
  return {
    action: 'update',
    name: 'guard',
    filterId: 'f-1',
    before: BODY,
    filter: BODY,
    differences,
    ...changes,
  }
}

function plan(changes: Partial<SetPlan> = {}): SetPlan {
  return {
    planVersion: 1,
    planId: '0'.repeat(64),
    madeAt: '2026-01-31T12:00:00.000Z',
    prune: false,
    lines: [],
    unchanged: [],
    leftAlone: [],
    conflicts: [],
    quota: { before: 1, after: 2, max: 50 },
    basis: {},
    ...changes,
  }
}

function lines(changes: Partial<SetPlan>, options: { colour?: boolean; verbose?: boolean } = {}) {
  return renderPlan(plan(changes), { colour: false, verbose: false, ...options }).split('\n')
}

describe('a plan, as a person reads it', () => {
  test('that does nothing is one line', () => {
    expect(lines({})).toEqual(['0 to create, 0 to update, 0 unchanged; 2 of 50 enabled'])
  })

  test('names a new filter with its settings', () => {
    expect(lines({ lines: [CREATE] })).toEqual([
      '+ guard',
      '    enabled, priority 10, flag_and_pass, tolerance 0.03',
      '    pii, violence: pii 0.9, violence 0.8',
      '1 to create, 0 to update, 0 unchanged; 2 of 50 enabled',
    ])
    const off = { ...CREATE, filter: { ...BODY, enabled: false } }
    expect(lines({ lines: [off] })[1]).toBe('    disabled, priority 10, flag_and_pass, tolerance 0.03')
  })

  test('tells the one property that changes, and no other', () => {
    expect(lines({ lines: [update()] })).toEqual([
      '~ guard (f-1)',
      '    config.thresholds.pii: 0.9 -> 0.7',
      '0 to create, 1 to update, 0 unchanged; 2 of 50 enabled',
    ])
  })

  test.each([
    ['', '"text"', '(none) -> "text"'],
    ['"text"', '""', '"text" -> (none)'],
    ['false', 'true', 'false -> true'],
  ])('shows %j that becomes %j as %s', (found, wanted, shown) => {
    const differences = [{ path: 'description', found, wanted }]
    expect(lines({ lines: [update({ differences })] })[1]).toBe(`    description: ${shown}`)
  })

  test('says when a priority moves for the sake of another filter, and when it moves aside only', () => {
    const moved = [{ path: 'priority', found: '10', wanted: '15' }]
    const respaced = update({ differences: moved, respaced: true })
    const interim = update({
      name: 'swap',
      filterId: 'f-2',
      differences: moved,
      respaced: true,
      interim: true,
    })
    expect(lines({ lines: [interim, respaced] })).toEqual([
      '~ swap (f-2): moved aside for a moment',
      '    priority: 10 -> 15',
      '~ guard (f-1): priority re-spaced',
      '    priority: 10 -> 15',
      '0 to create, 1 to update, 1 moved aside, 0 unchanged; 2 of 50 enabled',
    ])
  })

  test('names what is deleted, without its settings', () => {
    expect(lines({ lines: [DELETE] })).toEqual([
      '- old (f-9)',
      '0 to create, 0 to update, 1 to delete, 0 unchanged; 2 of 50 enabled',
    ])
  })

  test('tells conflicts: those of a filter with its name, those of the whole set without', () => {
    const conflicts = [
      { name: 'guard', code: 'not_owned', message: 'it is not ours' },
      { name: '', code: 'enabled_filters_exceeded', message: 'too many' },
    ] as const
    expect(lines({ conflicts })).toEqual([
      '! guard: it is not ours',
      '! too many',
      '0 to create, 0 to update, 0 unchanged, 2 conflict(s); 2 of 50 enabled',
    ])
  })

  test('counts what stays as it is, and names it when asked to', () => {
    const staying = {
      unchanged: [{ name: 'guard', filterId: 'f-1' }],
      leftAlone: [
        { name: 'mine', filterId: 'f-2', owned: true },
        { name: 'theirs', filterId: 'f-3', owned: false },
      ],
    }
    const summary = '0 to create, 0 to update, 1 unchanged, 2 left alone; 2 of 50 enabled'
    expect(lines(staying)).toEqual([summary])
    expect(lines(staying, { verbose: true })).toEqual([
      '  guard (f-1): unchanged',
      '  mine (f-2): left alone, ours',
      '  theirs (f-3): left alone, not ours',
      summary,
    ])
  })

  test.each([
    [39, 50, []],
    [40, 50, ['warning: 40 of 50 filters are enabled after this plan (80 %)']],
    [50, 50, ['warning: 50 of 50 filters are enabled after this plan (100 %)']],
    [51, 50, ['warning: 51 of 50 filters are enabled after this plan (102 %)']],
    [0, 0, ['warning: 0 of 0 filters are enabled after this plan (100 %)']],
  ])('of %i among %i enabled filters warns from 80 %% on', (after, max, warning) => {
    expect(lines({ quota: { before: 0, after, max } }).slice(1)).toEqual(warning)
  })

  test('lets no control character of a name, an id, a value or a message reach a terminal', () => {
    const evil = 'a\u001b[2J\nb\u202e'
    const body: FilterBody = {
      ...BODY,
      name: evil,
      config: { content_categories: [evil], block_action: evil },
    }
    const differences = [{ path: evil, found: evil, wanted: evil }]
    const shown = renderPlan(
      plan({
        lines: [
          { action: 'create', name: evil, filter: body },
          update({ name: evil, filterId: evil, differences }),
          { ...DELETE, name: evil, filterId: evil },
        ],
        conflicts: [{ name: evil, code: 'not_owned', message: evil }],
        unchanged: [{ name: evil, filterId: evil }],
        leftAlone: [{ name: evil, filterId: evil, owned: false }],
      }),
      { colour: false, verbose: true },
    )
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(shown.split('\n')).toHaveLength(10)
    expect(shown).toContain('+ a?[2J?b?\n')
  })

  test('is coloured line by line, by what is done', () => {
    const conflict = { name: 'guard', code: 'not_owned', message: 'no' } as const
    const coloured = lines({ lines: [CREATE, update(), DELETE], conflicts: [conflict] }, { colour: true })
    expect(coloured.filter((line) => line.startsWith('\u001b'))).toEqual([
      '\u001b[32m+ guard\u001b[0m',
      '\u001b[33m~ guard (f-1)\u001b[0m',
      '\u001b[31m- old (f-9)\u001b[0m',
      '\u001b[35m! guard: no\u001b[0m',
    ])
  })
})
