import { renderReplay } from '../../../cli/pipeline/render-replay.ts'
import { sinceOf } from '../../../cli/pipeline/replay-plan.ts'
import { replayThresholds } from '../../../actions/replay/replay-thresholds.ts'

const RULES = { enabled: true, intervenes: true, categories: ['pii'], thresholds: { pii: 0.8 } }

test('what cannot be known is told, with a way to find out', () => {
  const categories = replayThresholds([], RULES, { ...RULES, thresholds: { pii: 0.6 } })
  const text = renderReplay([{ name: 'guard', filterId: 'f1', categories }])
  expect(text).toContain('guard, pii: cannot be known: nothing from 0.6 to 0.8 was recorded')
})

test('since is days or an instant, and nothing else', () => {
  const now = new Date('2026-05-31T00:00:00Z')
  expect(sinceOf('30', now)).toBe(Date.parse('2026-05-01T00:00:00Z'))
  expect(sinceOf('2026-05-01T00:00:00Z', now)).toBe(Date.parse('2026-05-01T00:00:00Z'))
  expect(() => sinceOf('soon', now)).toThrow('--since takes days')
})
