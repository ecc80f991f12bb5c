import { guessLimits } from '../../../receiver/oauth/guess-limits.ts'
import type { GuessLimits, Try } from '../../../receiver/oauth/guess-limits.ts'

let clockMs = 0
beforeEach(() => {
  clockMs = 0
})

function admitted(limits: GuessLimits, client: string, address: string): Try {
  const admission = limits.admit(client, address)
  if (admission.kind !== 'admitted') throw new TypeError('it was not admitted')
  return admission.pending
}

function fail(limits: GuessLimits, client: string, address: string, times: number): void {
  for (let i = 0; i < times; i++) admitted(limits, client, address).wrong()
}

describe('the limits of guessing', () => {
  test('count no try that was not looked at', () => {
    const limits = guessLimits({ strangersPerMinute: 5 }, () => clockMs)
    for (let i = 0; i < 100; i++) admitted(limits, 'c', 'a').unchecked()
    fail(limits, 'c', 'a', 5)
    expect(limits.admit('c', 'a')).toEqual({ kind: 'locked', waitMs: 1000 })
  })

  test('begin the lock when the try is known to be wrong', () => {
    const limits = guessLimits({}, () => clockMs)
    fail(limits, 'c', 'a', 4)
    const fifth = admitted(limits, 'c', 'a')
    expect(limits.waitMs('c', 'a')).toBe(1000)
    clockMs = 800
    fifth.wrong()
    expect(limits.waitMs('c', 'a')).toBe(1000)
  })

  test('forget a pair after a quiet day, and not before', () => {
    const limits = guessLimits({}, () => clockMs)
    fail(limits, 'c', 'a', 5)
    clockMs = 86_399_000
    admitted(limits, 'c', 'a').wrong()
    expect(limits.waitMs('c', 'a')).toBe(2000)
    clockMs += 86_400_000
    fail(limits, 'c', 'a', 4)
    expect(limits.waitMs('c', 'a')).toBe(0)
  })

  test('remember as many pairs as they may, and forget the one that was quiet for longest', () => {
    const limits = guessLimits({ maxPairs: 3 }, () => clockMs)
    for (const address of ['a', 'b', 'c', 'd']) fail(limits, 'x', address, 5)
    expect(['a', 'b', 'c', 'd'].map((address) => limits.waitMs('x', address))).toEqual([0, 1000, 1000, 1000])
  })

  test('hold an address that was right before to the lock, and not to the budget of strangers', () => {
    const limits = guessLimits({ strangersPerMinute: 2 }, () => clockMs)
    admitted(limits, 'c', 'known').right()
    fail(limits, 'c', 'one', 1)
    fail(limits, 'c', 'two', 1)
    expect(limits.admit('c', 'three')).toMatchObject({ kind: 'locked' })
    expect([limits.isKnown('c', 'known'), limits.isKnown('c', 'one'), limits.isKnown('d', 'known')]).toEqual([
      true,
      false,
      false,
    ])
    fail(limits, 'c', 'known', 5)
    expect(limits.admit('c', 'known')).toMatchObject({ kind: 'locked' })
  })
})
