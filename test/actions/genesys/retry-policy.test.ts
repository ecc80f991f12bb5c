import { GenesysError } from '../../../actions/genesys/genesys-error.ts'
import type { GenesysErrorCode, GenesysErrorOptions } from '../../../actions/genesys/genesys-error.ts'
import { nextDelayMs, retryAfterMs, withRetry } from '../../../actions/genesys/retry-policy.ts'
import type { RetryClock } from '../../../actions/genesys/retry-policy.ts'

const NOW = Date.parse('2026-01-31T12:00:00Z')

function failure(code: GenesysErrorCode, options: Partial<GenesysErrorOptions> = {}): GenesysError {
  return new GenesysError(code, 'as the test wants it', { outcome: 'not-applied', ...options })
}

/** A clock that moves only by waiting. */
function clock(): RetryClock & { readonly waits: readonly number[]; readonly pass: (ms: number) => void } {
  const waits: number[] = []
  let now = 0
  return {
    waits,
    now: () => now,
    pass: (ms) => (now += ms),
    sleep: (ms) => {
      waits.push(ms)
      now += ms
      return Promise.resolve()
    },
    random: () => 0.5,
  }
}

/** A call that fails as listed, then succeeds. Counts its attempts. */
function failing(...failures: readonly GenesysError[]) {
  const left = [...failures]
  const timeouts: number[] = []
  const call = (timeoutMs: number): Promise<string> => {
    timeouts.push(timeoutMs)
    const error = left.shift()
    return error ? Promise.reject(error) : Promise.resolve('made')
  }
  return { call, timeouts }
}

describe('a call with retries', () => {
  test.each(['rate-limited', 'server', 'network', 'timeout'] as const)(
    'is made again after a failure of the kind %s',
    async (code) => {
      const { call, timeouts } = failing(failure(code), failure(code))
      await expect(withRetry(call, clock(), { deadline: 25_000 })).resolves.toBe('made')
      expect(timeouts).toHaveLength(3)
    },
  )

  test.each([
    'invalid',
    'unauthorized',
    'forbidden',
    'not-found',
    'conflict',
    'limit-exceeded',
    'unusable',
  ] as const)('is not made again after a failure of the kind %s', async (code) => {
    const { call, timeouts } = failing(failure(code))
    await expect(withRetry(call, clock(), { deadline: 25_000 })).rejects.toMatchObject({ code })
    expect(timeouts).toHaveLength(1)
  })

  test('gives up after three attempts with the last failure', async () => {
    const { call, timeouts } = failing(failure('network'), failure('network'), failure('server'))
    await expect(withRetry(call, clock(), { deadline: 25_000 })).rejects.toMatchObject({ code: 'server' })
    expect(timeouts).toHaveLength(3)
  })

  test('waits as long as the server says, and tells of each wait', async () => {
    const time = clock()
    const told: [number, string][] = []
    const { call } = failing(failure('rate-limited', { retryAfterMs: 3000 }), failure('server'))
    await withRetry(call, time, { deadline: 25_000, onWait: (ms, { code }) => told.push([ms, code]) })
    expect(time.waits).toEqual([3000, 1000])
    expect(told).toEqual([
      [3000, 'rate-limited'],
      [1000, 'server'],
    ])
  })

  test('does not wait for a server that asks for more time than there is', async () => {
    const time = clock()
    const { call } = failing(failure('rate-limited', { retryAfterMs: 25_000 }))
    await expect(withRetry(call, time, { deadline: 25_000 })).rejects.toMatchObject({ code: 'rate-limited' })
    expect(time.waits).toEqual([])
  })

  test('gives each attempt no more time than is left', async () => {
    const time = clock()
    time.pass(21_000)
    const { call, timeouts } = failing(failure('server', { retryAfterMs: 1000 }))
    await withRetry(call, time, { deadline: 25_000 })
    expect(timeouts).toEqual([4000, 3000])
  })

  test('is not begun when no time is left', async () => {
    const time = clock()
    time.pass(25_000)
    const { call, timeouts } = failing()
    await expect(withRetry(call, time, { deadline: 25_000 })).rejects.toMatchObject({
      code: 'timeout',
      outcome: 'not-applied',
    })
    expect(timeouts).toEqual([])
  })

  test('passes on at once what is no failure of Genesys Cloud', async () => {
    const broken = (): Promise<string> => Promise.reject(new TypeError('a fault of ours'))
    await expect(withRetry(broken, clock(), { deadline: 25_000 })).rejects.toBeInstanceOf(TypeError)
  })
})

describe('a call that must not be made twice', () => {
  const lost = failure('network', { outcome: 'unknown' })

  function finding(...answers: readonly (string | GenesysError | undefined)[]) {
    const left = [...answers]
    let looks = 0
    const recover = (): Promise<string | undefined> => {
      looks++
      const answer = left.shift()
      return answer instanceof GenesysError ? Promise.reject(answer) : Promise.resolve(answer)
    }
    return { recover, looks: () => looks }
  }

  test('is looked for before it is sent again', async () => {
    const { call, timeouts } = failing(lost)
    const { recover } = finding('found')
    await expect(withRetry(call, clock(), { deadline: 25_000, recover })).resolves.toBe('found')
    expect(timeouts).toHaveLength(1)
  })

  test('is sent again when it is not there', async () => {
    const { call, timeouts } = failing(lost)
    const { recover, looks } = finding(undefined)
    await expect(withRetry(call, clock(), { deadline: 25_000, recover })).resolves.toBe('made')
    expect([timeouts.length, looks()]).toEqual([2, 1])
  })

  test('is not sent again while nobody can look', async () => {
    const { call, timeouts } = failing(lost)
    const { recover, looks } = finding(...Array.from({ length: 5 }, () => failure('server')))
    await expect(withRetry(call, clock(), { deadline: 25_000, recover })).rejects.toMatchObject({
      code: 'server',
    })
    // Two in place of attempts, three after the last.
    expect([timeouts.length, looks()]).toEqual([1, 5])
  })

  test('is looked for once more after the last attempt', async () => {
    const { call } = failing(lost, lost, lost)
    const { recover, looks } = finding(undefined, undefined, 'found')
    await expect(withRetry(call, clock(), { deadline: 25_000, recover })).resolves.toBe('found')
    expect(looks()).toBe(3)
  })

  test('is found when it took effect late and stands in its own way', async () => {
    const { call } = failing(lost, failure('conflict'))
    const { recover } = finding(undefined, 'found')
    await expect(withRetry(call, clock(), { deadline: 25_000, recover })).resolves.toBe('found')
  })

  test('is found in its own way by a later look where the first one fails', async () => {
    const { call } = failing(lost, failure('conflict'))
    const { recover, looks } = finding(undefined, failure('server'), 'found')
    await expect(withRetry(call, clock(), { deadline: 25_000, recover })).resolves.toBe('found')
    expect(looks()).toBe(3)
  })

  test('is a conflict when what is in the way is not it', async () => {
    const { call } = failing(failure('conflict'))
    const { recover } = finding(undefined)
    await expect(withRetry(call, clock(), { deadline: 25_000, recover })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  test('is not looked for when the server refused it', async () => {
    const { call } = failing(failure('rate-limited'))
    const { recover, looks } = finding()
    await expect(withRetry(call, clock(), { deadline: 25_000, recover })).resolves.toBe('made')
    expect(looks()).toBe(0)
  })
})

describe('the wait before the next attempt', () => {
  test.each([
    [1, 0, 0],
    [1, 1, 1000],
    [2, 1, 2000],
    [3, 0.5, 2000],
    [10, 1, 8000],
  ])('of attempt %i with chance %d is %i ms', (attempt, random, expected) => {
    expect(nextDelayMs(failure('server'), attempt, random)).toBe(expected)
  })

  test.each([
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'Sat, 31 Jan 2026 12:00:09 GMT' }, 9000],
    [{ 'retry-after': 'Sat, 31 Jan 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': '7', 'inin-ratelimit-reset': '11' }, 7000],
    [{ 'retry-after': 'soon', 'inin-ratelimit-reset': '11' }, 11_000],
    [{ 'inin-ratelimit-reset': '11' }, 11_000],
    [{ 'inin-ratelimit-reset': '-1' }, undefined],
    [{}, undefined],
  ])('is read from %j', (headers, expected) => {
    expect(retryAfterMs(headers, NOW)).toBe(expected)
  })
})
