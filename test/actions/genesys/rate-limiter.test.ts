import fc from 'fast-check'
import { GenesysError } from '../../../actions/genesys/genesys-error.ts'
import { genesysClient } from '../../../actions/genesys/genesys-client.ts'
import { rateLimiter } from '../../../actions/genesys/rate-limiter.ts'
import type { RateLimiter } from '../../../actions/genesys/rate-limiter.ts'
import { SYSTEM_RETRY_CLOCK, withRetry } from '../../../actions/genesys/retry-policy.ts'
import { startSandbox } from '../../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../../sandbox/start-sandbox.ts'
import { FILTERS, SUBSCRIPTIONS } from '../../sandbox/sandbox-caller.ts'
import { virtualClock } from '../../support/virtual-clock.ts'

type Step = { readonly kind: 'ask' | 'pause' | 'pass'; readonly value: number }

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask' as const), value: fc.nat(200_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const), value: fc.nat(90_000) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), value: fc.nat(40_000) }) },
)

interface Asked {
  readonly order: number
  readonly at: number
  readonly patienceMs: number
  end?: { readonly at: number; readonly error?: GenesysError }
}

/** Runs the steps, then as much time as anybody can need. */
async function play(perMinute: number, steps: readonly Step[]) {
  const clock = virtualClock()
  const limiter = rateLimiter({ perMinute, clock })
  const asked: Asked[] = []
  const pauses: { readonly from: number; readonly until: number }[] = []
  for (const { kind, value } of steps) {
    if (kind === 'pass') await clock.pass(value)
    else if (kind === 'pause') {
      limiter.pause(value)
      pauses.push({ from: clock.now(), until: clock.now() + value })
    } else {
      const one: Asked = { order: asked.length, at: clock.now(), patienceMs: value }
      asked.push(one)
      limiter.take(value).then(
        () => (one.end = { at: clock.now() }),
        (error: unknown) => (one.end = { at: clock.now(), error: error as GenesysError }),
      )
    }
  }
  await clock.pass(500_000)
  return { asked, pauses }
}

const sentOf = (asked: readonly Asked[]): readonly (Asked & { readonly sentAt: number })[] =>
  asked
    .flatMap((one) => (one.end && !one.end.error ? [{ ...one, sentAt: one.end.at }] : []))
    .sort((a, b) => a.sentAt - b.sentAt)

describe('permits to send', () => {
  test('are never more than allowed in any minute, in order, not in a pause, and everybody is answered in time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(step, { maxLength: 40 }),
        async (n, steps) => {
          const { asked, pauses } = await play(n, steps)
          const sent = sentOf(asked)
          for (const [i, { sentAt }] of sent.entries()) {
            const crowd = sent.filter((other) => other.sentAt > sentAt - 60_000 && other.sentAt <= sentAt)
            expect(crowd.length).toBeLessThanOrEqual(n)
            expect(pauses.some(({ from, until }) => from < sentAt && sentAt < until)).toBe(false)
            const before = sent[i - 1]
            if (before && before.sentAt < sentAt) expect(before.order).toBeLessThan(sent[i]?.order ?? -1)
          }
          for (const { at, patienceMs, end } of asked) {
            expect(end).toBeDefined()
            expect((end?.at ?? Infinity) - at).toBeLessThanOrEqual(patienceMs)
            if (end?.error)
              expect(end.error).toMatchObject({
                code: 'rate-limited',
                outcome: 'not-applied',
                heldBack: true,
              })
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  test('that are refused would have come too late, and the refusal says when there is room', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 150_000 }),
        async (n, waiting, patienceMs) => {
          const clock = virtualClock()
          const limiter = rateLimiter({ perMinute: n, clock })
          const others = Array.from({ length: waiting }, () => limiter.take(1_000_000))
          const due = Math.floor(waiting / n) * 60_000
          const last = limiter.take(patienceMs).then(
            () => clock.now(),
            (error: unknown) => (error as GenesysError).retryAfterMs,
          )
          await clock.pass(1_000_000)
          await Promise.all(others)
          expect(await last).toBe(due)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('cost one turn of the microtask queue while there is room', async () => {
    const limiter = rateLimiter({ perMinute: 2, clock: virtualClock() })
    let taken = 0
    void limiter.take(1).then(() => taken++)
    void limiter.take(1).then(() => taken++)
    await Promise.resolve()
    expect(taken).toBe(2)
  })

  test('are refused to whoever waits already when a pause makes the wait too long, not to the patient', async () => {
    const clock = virtualClock()
    const limiter = rateLimiter({ perMinute: 1, clock })
    await limiter.take(1)
    const told: (number | string)[] = []
    const tell = (error: unknown) => told.push((error as GenesysError).retryAfterMs ?? 'none')
    limiter.take(61_000).catch(tell)
    limiter.take(200_000).then(() => told.push(`sent at ${clock.now()}`), tell)
    await clock.pass(1000)
    limiter.pause(100_000)
    await clock.pass(0)
    expect(told).toEqual([100_000])
    await clock.pass(200_000)
    expect(told).toEqual([100_000, 'sent at 101000'])
  })
})

describe('a call with retries that its own limit holds back', () => {
  test('waits past more refusals than it has attempts, and tells of the whole wait', async () => {
    const clock = virtualClock()
    const limiter = rateLimiter({ perMinute: 1, clock })
    await limiter.take(1)
    let sentAt = -1
    let refusals = 0
    let waited = 0
    const call = async (): Promise<void> => {
      await limiter.take(4000)
      sentAt = clock.now()
    }
    const all = withRetry(call, clock, {
      deadline: 400_000,
      onWait: (ms, { heldBack }) => {
        refusals++
        waited += heldBack ? ms : 0
      },
    })
    // Each time, somebody else stands in the queue when it comes back.
    for (let i = 0; i < 4; i++) {
      await clock.pass(59_990)
      limiter.take(1000).catch(() => undefined)
      await clock.pass(10)
    }
    await clock.pass(100_000)
    await all
    expect([sentAt, waited, refusals]).toEqual([300_000, 300_000, 5])
  })

  test('gives up at once when there is no room before its deadline', async () => {
    const clock = virtualClock()
    const limiter = rateLimiter({ perMinute: 1, clock })
    await limiter.take(1)
    const held = withRetry((timeoutMs) => limiter.take(timeoutMs), clock, { deadline: 25_000 })
    await expect(held).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 60_000 })
  })

  test('comes back a bounded number of times, however the room is taken from it', async () => {
    const clock = virtualClock()
    let refusals = 0
    const always = (timeoutMs: number): Promise<void> => {
      refusals++
      const retryAfterMs = Math.ceil(timeoutMs / 2)
      return Promise.reject(
        new GenesysError('rate-limited', 'taken', { outcome: 'not-applied', heldBack: true, retryAfterMs }),
      )
    }
    const held = withRetry(always, clock, { deadline: 25_000 }).catch((error: unknown) => error)
    await clock.pass(30_000)
    expect(await held).toMatchObject({ heldBack: true })
    expect(refusals).toBeLessThan(25)
  })

  test('is told of the time that it waited in the queue, also when it was then refused', async () => {
    const clock = virtualClock()
    const limiter = rateLimiter({ perMinute: 1, clock })
    await limiter.take(1)
    const waits: number[] = []
    const all = withRetry(() => limiter.take(70_000), clock, {
      deadline: 200_000,
      onWait: (ms) => waits.push(ms),
    })
    await clock.pass(10_000)
    limiter.pause(90_000)
    await clock.pass(200_000)
    await all
    expect(waits).toEqual([10_000, 90_000])
  })
})

describe('a client with a limiter, at the real sandbox', () => {
  let sandbox: Sandbox
  afterEach(() => sandbox.close())

  function clientOf(limiter: RateLimiter, fetch: typeof globalThis.fetch) {
    return genesysClient({
      clientId: sandbox.clientId,
      clientSecret: sandbox.clientSecret,
      baseUrl: new URL(sandbox.url),
      gateway: true,
      now: () => new Date(),
      filtersPath: FILTERS,
      subscriptionsPath: SUBSCRIPTIONS,
      limiter,
      fetch,
    })
  }

  function noting(paths: string[]): typeof globalThis.fetch {
    return (input, init) => {
      paths.push(new URL(input instanceof Request ? input.url : input).pathname)
      return fetch(input, init)
    }
  }

  test('takes a permit for each request, the login too', async () => {
    sandbox = await startSandbox({ rateLimit: false })
    const seen: string[] = []
    const port = clientOf(rateLimiter({ perMinute: 3, clock: SYSTEM_RETRY_CLOCK }), noting(seen))
    await port.listFilters({ timeoutMs: 5000 })
    await port.listSubscriptions({ timeoutMs: 5000 })
    await expect(port.listFilters({ timeoutMs: 5000 })).rejects.toMatchObject({
      code: 'rate-limited',
      status: undefined,
      outcome: 'not-applied',
    })
    expect(seen).toEqual(['/oauth/token', FILTERS, SUBSCRIPTIONS])
  })

  test('keeps all its callers from sending until the pause of one 429 is over', async () => {
    sandbox = await startSandbox({ rateLimit: { allowed: 2, windowSeconds: 2 } })
    const sentAt: number[] = []
    const pauses: { readonly from: number; readonly until: number }[] = []
    const clock = { now: () => performance.now(), sleep: SYSTEM_RETRY_CLOCK.sleep }
    const port = clientOf(rateLimiter({ perMinute: 270, clock }), async (input, init) => {
      sentAt.push(clock.now())
      const answer = await fetch(input, init)
      const from = clock.now()
      if (answer.status === 429)
        pauses.push({ from, until: from + 1000 * Number(answer.headers.get('retry-after')) })
      return answer
    })
    const deadline = Date.now() + 20_000
    const list = () =>
      withRetry((timeoutMs) => port.listFilters({ timeoutMs }), SYSTEM_RETRY_CLOCK, { deadline })
    await list()
    await list()
    // The first hears it from the server; the second would ask in the middle of the first one's pause.
    const first = list()
    await SYSTEM_RETRY_CLOCK.sleep(300)
    await Promise.all([first, list()])
    expect(pauses.length).toBeGreaterThan(0)
    for (const { from, until } of pauses)
      expect(sentAt.filter((at) => at > from + 20 && at < until - 20)).toEqual([])
  })

  test('pauses for a login that is answered with 429', async () => {
    sandbox = await startSandbox({ rateLimit: false })
    sandbox.addFault({
      match: { path: '/oauth/token' },
      fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
    })
    const seen: string[] = []
    const port = clientOf(rateLimiter({ perMinute: 270, clock: SYSTEM_RETRY_CLOCK }), noting(seen))
    await expect(port.listFilters({ timeoutMs: 100 })).rejects.toMatchObject({ status: 429 })
    await expect(port.listFilters({ timeoutMs: 100 })).rejects.toMatchObject({ heldBack: true })
    await port.listFilters({ timeoutMs: 5000 })
    expect(seen).toEqual(['/oauth/token', '/oauth/token', FILTERS])
  })
})
