import fc from 'fast-check'
import { rateLimit } from '../../../receiver/edge/rate-limit.ts'

let clock = 0
const clockMs = (): number => clock

beforeEach(() => {
  clock = 1000
})

describe('a rate limit', () => {
  test('lets a whole minute\u2019s budget through at once, and tells how long to wait after it', () => {
    const limit = rateLimit({ perMinute: 60 }, clockMs)
    for (let i = 0; i < 60; i++) expect(limit.take('a')).toBe(0)
    expect(limit.take('a')).toBeCloseTo(1000)
    clock += 1000
    expect(limit.take('a')).toBe(0)
    expect(limit.take('a')).toBeGreaterThan(0)
  })

  test('is one for each key', () => {
    const limit = rateLimit({ perMinute: 1 }, clockMs)
    expect(limit.take('a')).toBe(0)
    expect(limit.take('a')).toBeGreaterThan(0)
    expect(limit.take('b')).toBe(0)
  })

  test('is whole again for what was given back', () => {
    const limit = rateLimit({ perMinute: 2 }, clockMs)
    for (let i = 0; i < 100; i++) {
      expect(limit.take('a')).toBe(0)
      limit.giveBack('a')
    }
    limit.giveBack('nobody')
    expect([limit.take('a'), limit.take('a')]).toEqual([0, 0])
    expect(limit.take('a')).toBeGreaterThan(0)
  })

  test('forgets who was quiet for longest, not who is limited now', () => {
    const limit = rateLimit({ perMinute: 1, maxKeys: 10 }, clockMs)
    for (let i = 0; i < 10; i++) limit.take(`old-${i}`)
    limit.take('noisy')
    expect(limit.take('noisy')).toBeGreaterThan(0)
    expect(limit.take('old-0')).toBe(0)
    expect(limit.take('noisy')).toBeGreaterThan(0)
  })

  test('never lets more through than the budget and what grew back, whatever comes when', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 300 }),
        (perMinute, waits) => {
          clock = 5
          const limit = rateLimit({ perMinute }, clockMs)
          let passed = 0
          for (const wait of waits) {
            clock += wait
            if (limit.take('a') === 0) passed++
          }
          expect(passed).toBeLessThanOrEqual(perMinute + ((clock - 5) * perMinute) / 60_000 + 1e-6)
        },
      ),
    )
  })

  test('lets through after the wait that it told', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 0, max: 100_000 }),
        (perMinute, at) => {
          clock = at
          const limit = rateLimit({ perMinute }, clockMs)
          let waitMs = 0
          while (waitMs === 0) waitMs = limit.take('a')
          clock += waitMs
          expect(limit.take('a')).toBe(0)
        },
      ),
    )
  })
})
