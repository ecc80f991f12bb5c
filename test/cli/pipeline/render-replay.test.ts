import type { FilterRules } from '../../../actions/replay/filter-rules.ts'
import { replayThresholds } from '../../../actions/replay/replay-thresholds.ts'
import type { ReplayedDecision } from '../../../actions/replay/replay-thresholds.ts'
import { renderReplay } from '../../../cli/pipeline/render-replay.ts'
import { sinceOf } from '../../../cli/pipeline/replay-plan.ts'

const AT = (pii: number): FilterRules => ({
  enabled: true,
  intervenes: true,
  categories: ['pii'],
  thresholds: { pii },
})
const PASS: ReplayedDecision = {
  category: 'pii',
  action: 'passed',
  score: 0.7,
  threshold: 0.8,
  probability: 0.1,
  senderRate: 0.1,
  sampled: false,
  label: undefined,
}
const BLOCK: ReplayedDecision = { ...PASS, action: 'blocked', score: 0.85, senderRate: 1, probability: 1 }

function lines(recorded: readonly ReplayedDecision[], after: FilterRules | undefined, off = false) {
  const categories = replayThresholds(recorded, AT(0.8), after)
  return renderReplay([{ kind: 'replayed', name: 'guard', filterId: 'f1', off, categories }]).split('\n')
}

test('of a lowered threshold it is told what is known, and what is not', () => {
  expect(lines([], AT(0.6))).toEqual([
    'filter  category  recorded  still  lost  tp  fp  unclear  unreviewed  gained  unknown',
    'guard   pii       0         0      0     0   0   0        0           0       0.6-0.8',
    'guard, pii: what scores from 0.6 up to 0.8 (pii) would be intervened on: no decision there was found, so how much would be gained cannot be known; recorded passes would tell',
    'Whether another filter would intervene on the same content cannot be known.',
  ])
  expect(lines([PASS, PASS], AT(0.6)).slice(2, -1)).toEqual([
    'guard, pii: of the gained, none was reviewed',
    'guard, pii: the gained stand for about 20, by the share that their sender records',
    'guard, pii: what scores from 0.6 up to 0.8 (pii) would be intervened on: whether all of it was recorded is not known, so more may be gained',
  ])
})

test('of gained ones it is told what was found in them', () => {
  expect(lines([{ ...PASS, label: 'violation' }, PASS], AT(0.6))[2]).toBe(
    'guard, pii: of the gained, 1 reviewed as a violation, 0 as none, 0 as unclear',
  )
})

test('unclear ones among the lost stand in the table, and no share is made of them', () => {
  const [, row, note] = lines([{ ...BLOCK, sampled: true, label: 'unclear' }, BLOCK], AT(0.9))
  expect(row).toMatch(/^guard +pii +2 +0 +2 +0 +0 +1 +1 +0 +-$/)
  expect(note).toContain('cannot be estimated')
})

test('lost ones of a sender that records a part are told as an estimate', () => {
  expect(lines([{ ...BLOCK, senderRate: 0.25 }], AT(0.9))).toContain(
    'guard, pii: the lost stand for about 4, by the share that their sender records',
  )
})

test('a new filter, one that stays as it was, and one that is off have a sentence each', () => {
  expect(renderReplay([{ kind: 'new', name: 'guard' }])).toMatch(/^guard: it is new, [^\n]*cannot be known$/)
  expect(renderReplay([{ kind: 'same', name: 'guard', filterId: 'f1' }])).toMatch(/^guard: [^\n]*stay/)
  expect(lines([BLOCK], AT(0.9), true)[2]).toMatch(/^guard: it is off now;/)
  expect(renderReplay([])).toBe('replay: the plan changes no filter')
})

test('a name that would write to the terminal does not', () => {
  expect(renderReplay([{ kind: 'new', name: 'gu\u001b[2Jard' }])).toMatch(/^gu\?\[2Jard: /)
})

test('since is days or an instant, and nothing else', () => {
  const now = new Date('2026-05-31T00:00:00Z')
  expect(sinceOf('30', now)).toBe(Date.parse('2026-05-01T00:00:00Z'))
  expect(sinceOf('2026-05-01', now)).toBe(Date.parse('2026-05-01T00:00:00Z'))
  expect(sinceOf('2026-05-01T02:00:00+02:00', now)).toBe(Date.parse('2026-05-01T00:00:00Z'))
  for (const text of ['soon', '', '-3', '1.5', '2026-13-01', '2026-05-01T00:00:00', '2026-05-01TxZ'])
    expect(sinceOf(text, now)).toBeUndefined()
})
