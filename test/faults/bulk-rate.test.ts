import { parseFilter } from '../../actions/filter/filter-payload.ts'
import { genesysClient } from '../../actions/genesys/genesys-client.ts'
import { rateLimiter } from '../../actions/genesys/rate-limiter.ts'
import type { PipelineDeps } from '../../actions/pipeline/pipeline.ts'
import { applyPlan } from '../../actions/pipeline/apply-plan.ts'
import { createPipeline } from '../../actions/pipeline/pipeline.ts'
import { planSet } from '../../actions/pipeline/set-plan.ts'
import { FILTERS, SUBSCRIPTIONS } from '../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../support/temp-ledger.ts'
import { openHouse } from '../actions/pipeline/pipeline-house.ts'

const COUNT = 50
const MINUTE_MS = 60_000

/** One clock for the sandbox's limit, ours, and the retries: only waits take time, and those none of ours. */
function sharedClock() {
  let time = Date.parse('2026-01-31T12:00:00Z')
  return {
    now: () => time,
    sleep: async (ms: number) => {
      time += Math.max(0, ms)
      await new Promise((resolve) => setImmediate(resolve))
    },
    random: () => 0.5,
  }
}

const specs = Array.from({ length: COUNT }, (_, i) => {
  const parsed = parseFilter({
    name: `guard ${i}`,
    config: {
      content_categories: ['pii'],
      block_action: 'flag_and_pass',
      thresholds: { pii: 0.9 },
      false_positive_tolerance: 0.05,
    },
  })
  if (!parsed.ok) throw new TypeError('a payload of our own')
  return parsed.value
})

afterAll(removeTempFolders)

describe('50 filters at once, with the limiter of the sandbox on', () => {
  test.each([
    ['as it is: 300 a minute, ours 270', 300, 270, 0],
    ['a tenth of it: 30 a minute, ours 27, so that it has to wait', 30, 27, 1],
    ['shared with somebody who leaves us half: 30 a minute, ours 60', 30, 60, 1],
  ])('%s', async (_, allowed, perMinute, minutes) => {
    const clock = sharedClock()
    const start = clock.now()
    const house = await openHouse({
      sandbox: { rateLimit: { allowed, windowSeconds: 60 }, now: () => new Date(clock.now()) },
    })
    const refusedAt: number[] = []
    const counting: typeof fetch = async (url, init) => {
      const response = await fetch(url, init)
      if (response.status === 429) refusedAt.push(clock.now())
      return response
    }
    const deps: PipelineDeps = {
      ...house.deps,
      clock,
      port: genesysClient({
        clientId: house.sandbox.clientId,
        clientSecret: house.sandbox.clientSecret,
        baseUrl: new URL(house.sandbox.url),
        gateway: true,
        fetch: counting,
        now: () => new Date(clock.now()),
        limiter: rateLimiter({ perMinute, clock }),
        filtersPath: FILTERS,
        subscriptionsPath: SUBSCRIPTIONS,
      }),
    }
    try {
      const options = { maxEnabledFilters: COUNT, isOwned: () => true, prune: false, now: new Date() }
      const plan = planSet(specs, await deps.port.listFilters({ timeoutMs: 8000 }), options)
      const report = await applyPlan(deps, createPipeline(deps), plan, {
        requester: { actor: { type: 'system' } },
      })
      expect(report).toMatchObject({ status: 'applied', errorCode: '' })
      expect((await house.deps.port.listFilters({ timeoutMs: 8000 })).length).toBe(COUNT)
      const elapsed = clock.now() - start
      expect(elapsed).toBeGreaterThanOrEqual((minutes * MINUTE_MS) / 2)
      for (const at of refusedAt)
        expect(refusedAt.filter((other) => other >= at && other < at + MINUTE_MS).length).toBeLessThanOrEqual(
          perMinute > allowed ? COUNT : 1,
        )
      if (perMinute < allowed) expect(refusedAt.length).toBeLessThanOrEqual(Math.ceil(elapsed / MINUTE_MS))
    } finally {
      await house.close()
    }
  })
})
