import { randomPool } from '../../../ledger/entry/random-pool.ts'

describe('the random pool', () => {
  test('gives each byte once: no two slices overlap or repeat', () => {
    const random = randomPool(64)
    const seen = new Set<string>()
    for (let i = 0; i < 1000; i++) {
      const bytes = random(24)
      expect(bytes).toHaveLength(24)
      seen.add(Buffer.from(bytes).toString('hex'))
    }
    expect(seen.size).toBe(1000)
  })

  test('refuses more than it can hold', () => {
    expect(() => randomPool(16)(17)).toThrow(TypeError)
  })
})
