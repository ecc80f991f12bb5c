import { deliverByRule, GENESYS_RULE, hurried } from './retrying-sender.ts'
import type { Answer } from './retrying-sender.ts'

const lost: Answer = { status: undefined, reason: 'timeout' }

/** What a sender does that is answered so; after the last answer there is none. */
async function send(statuses: readonly (number | undefined)[]) {
  const pauses: number[] = []
  const sleep = (ms: number): Promise<void> => {
    pauses.push(ms)
    return Promise.resolve()
  }
  const attempt = (nth: number): Promise<Answer> => {
    const status = statuses[nth]
    return Promise.resolve(status === undefined ? lost : { status })
  }
  const { delivered, answers } = await deliverByRule(attempt, GENESYS_RULE, sleep)
  return { delivered, attempts: answers.length, pauses }
}

describe('a sender with the rule of Genesys Cloud', () => {
  test.each([[undefined], [429], [500], [502], [503], [504]])(
    'sends again after %s, 5 s later',
    async (no) => {
      expect(await send([no, no, 202])).toEqual({ delivered: true, attempts: 3, pauses: [5000, 5000] })
    },
  )

  test.each([[301], [400], [401], [404], [408], [409], [410], [413], [415], [422]])(
    'never sends again after %i',
    async (no) => {
      expect(await send([no, 202])).toEqual({ delivered: false, attempts: 1, pauses: [] })
    },
  )

  test('gives up after five retries', async () => {
    expect(await send([])).toMatchObject({ delivered: false, attempts: 6 })
    expect(await send([503, 503, 503, 503, 503, 202])).toMatchObject({ delivered: true, attempts: 6 })
  })

  test('can be hurried', () => {
    expect(hurried(GENESYS_RULE, 10)).toEqual({ timeoutMs: 1000, gapMs: 500, retries: 5 })
  })
})
