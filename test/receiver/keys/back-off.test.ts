import fc from 'fast-check'
import { backOffMs, elapsedBy } from '../../../receiver/webhook/keys/back-off.ts'
import { remoteKeys } from '../../../receiver/webhook/keys/key-sources.ts'
import { makeSigner } from '../signer.ts'
import type { Signer } from '../signer.ts'

let signer: Signer

beforeAll(async () => {
  signer = await makeSigner('EdDSA', () => new Date())
})

test('the back-off doubles from a second to twenty, less up to half of it', () => {
  expect([1, 2, 3, 5, 6, 7, 1000, 1_000_000].map((failures) => backOffMs(failures, () => 0))).toEqual([
    1000, 2000, 4000, 16_000, 20_000, 20_000, 20_000, 20_000,
  ])
  expect(backOffMs(1, () => 0.999)).toBeCloseTo(500, -1)
})

test('elapsed time never goes back', () => {
  let time = 1_000_000
  const elapsed = elapsedBy(() => new Date(time))
  const seen = [0, 10, -5000, 20, -1, 1].map((step) => {
    time += step
    return elapsed()
  })
  expect(seen).toEqual([0, 10, 10, 30, 30, 31])
})

/** What happens next: time passes or is set back, the endpoint changes its mind, deliveries come at once. */
const step = fc.record({
  passMs: fc.oneof(
    fc.integer({ min: 0, max: 5000 }),
    fc.integer({ min: 0, max: 120_000 }),
    fc.integer({ min: 0, max: 90_000_000 }),
    fc.integer({ min: -90_000_000, max: 0 }),
  ),
  works: fc.boolean(),
  kids: fc.array(fc.constantFrom('known', 'unknown', 'other'), { minLength: 1, maxLength: 4 }),
})

test('whatever happens: one fetch at a time, never sooner than it may be, and never given up', async () => {
  const answer = JSON.stringify({ keys: [{ ...signer.jwk, kid: 'known' }] })
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 40 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      async (steps, jitter) => {
        let time = 1_800_000_000_000
        let passed = 0
        let works = true
        let flying = 0
        let failures = 0
        let notBefore = 0
        const fetchIt = async (): Promise<Response> => {
          expect(++flying).toBe(1)
          expect(passed).toBeGreaterThanOrEqual(notBefore)
          await new Promise((resolve) => setImmediate(resolve))
          flying--
          failures = works ? 0 : failures + 1
          notBefore =
            passed + (works ? 10_000 : Math.min(20_000, 1000 * 2 ** (failures - 1)) * (1 - jitter / 2))
          return new Response(answer, {
            status: works ? 200 : 502,
            headers: { 'content-type': 'application/json' },
          })
        }
        const outcomes: string[] = []
        const { resolve } = remoteKeys({
          url: new URL('https://sender.example/jwks'),
          fetch: fetchIt,
          now: () => new Date(time),
          random: () => jitter,
          onFetch: (outcome) => outcomes.push(outcome),
        })
        for (const { passMs, works: next, kids } of steps) {
          time += passMs
          passed += Math.max(0, passMs)
          works = next
          await Promise.allSettled(kids.map(resolve))
        }
        expect(outcomes.every((outcome) => outcome === 'ok' || outcome === 'status')).toBe(true)
        // A refresh beside the deliveries may still be under way; then a minute later all is well again.
        while (flying > 0) await new Promise((done) => setImmediate(done))
        works = true
        for (let i = 0; i < 2; i++) {
          time += 60_000
          passed += 60_000
          await resolve('unknown').catch(() => undefined)
        }
        expect(await resolve('known')).toMatchObject({ kid: 'known' })
      },
    ),
    { numRuns: 150 },
  )
}, 60_000)
