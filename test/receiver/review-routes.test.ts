import { openReviews } from '../../actions/reviews/reviews.ts'
import { FULL_DECISION, reviewParts } from '../actions/reviews/review-house.ts'
import { startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { draft, removeTempFolders } from '../support/temp-ledger.ts'
import { expectRefused } from './expect-refused.ts'
import { call } from './http-caller.ts'
import type { Answer } from './http-caller.ts'

let receiver: TestReceiver
let reader: string
let writer: string

beforeEach(async () => {
  receiver = await startTestReceiver({ reviews: (ledger, now) => openReviews(reviewParts(ledger, now)) })
  reader = await receiver.token(['reviews:read'])
  writer = await receiver.token(['reviews:write'], { subject: 'a-review-tool' })
})
afterEach(() => receiver.close())
afterAll(removeTempFolders)

const get = (path: string, token = reader, method = 'GET'): Promise<Answer> =>
  call(receiver.url + path, { method, headers: { authorization: `Bearer ${token}` } })
const post = (path: string, body: object | string, token = writer): Promise<Answer> =>
  call(receiver.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const record = async (count: number): Promise<void> => {
  const entity = { type: 'filter' as const, id: FULL_DECISION.filterId, name: FULL_DECISION.filterName }
  const entry = draft({ type: 'block.recorded', entity, data: FULL_DECISION })
  await Promise.all(Array.from({ length: count }, () => receiver.ledger.append({ entry })))
}
const idOf = ({ json }: Answer): string => (json as { readonly reviewId: string }).reviewId

describe('GET /reviews/next', () => {
  test('hands a decision out blind: no byte of the answer tells filter, version, score, threshold or action', async () => {
    await record(1)
    const answer = await get('/reviews/next?reviewer=ada')
    expect(answer).toMatchObject({
      status: 200,
      json: { question: 'Does this text violate the category pii?', contentRef: 'vault/content/1' },
    })
    const whole = JSON.stringify(answer.headers) + answer.text
    const { filterId, filterName, filterVersion, score, threshold, actionTaken } = FULL_DECISION
    for (const hidden of [filterId, filterName, filterVersion, score, threshold, actionTaken])
      expect(whole).not.toContain(String(hidden))
    expect(answer.text).not.toMatch(/score|threshold|filter|action|version|draw|role|second/i)
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test('is 204 when nothing waits for this reviewer, and hands nothing to two', async () => {
    expect(await get('/reviews/next?reviewer=ada')).toMatchObject({ status: 204, text: '' })
    await record(8)
    const answers = await Promise.all(
      Array.from({ length: 9 }, (_, i) => get(`/reviews/next?reviewer=reviewer-${i}`)),
    )
    const handed = answers.filter(({ status }) => status === 200).map(idOf)
    expect(new Set(handed).size).toBe(8)
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
  })

  test('hands nothing out to who asks for the head alone', async () => {
    await record(1)
    expect(await get('/reviews/next?reviewer=ada', reader, 'HEAD')).toMatchObject({ status: 405 })
    expect(await get('/reviews/next?reviewer=ben')).toMatchObject({ status: 200 })
  })

  test.each([
    ['', 'reviewer is missing: give the id of who labels, once'],
    ['?reviewer=', 'reviewer is missing: give the id of who labels, once'],
    ['?reviewer=a&reviewer=b', 'reviewer is missing: give the id of who labels, once'],
    [
      '?reviewer=Ada%20Lovelace',
      'reviewer: 1 to 128 letters, digits, and . _ : @ - are expected: an id, never a name',
    ],
    ['?reviewer=ada&limit=2', 'there is no parameter limit; there are: reviewer, filter'],
    ['?reviewer=ada&filter=a&filter=b', 'filter takes one id or name'],
  ])('%s is 400', async (query, detail) => {
    const answer = await expectRefused(receiver, 400, 'query-invalid', () => get(`/reviews/next${query}`))
    expect(answer.json).toMatchObject({ detail })
  })

  test('of a filter that nothing was recorded of is 404', async () => {
    await expectRefused(receiver, 404, 'filter-not-found', () =>
      get('/reviews/next?reviewer=ada&filter=none'),
    )
  })
})

describe('POST /reviews/label', () => {
  test('records the label for the subject of the token, and only then tells what was hidden', async () => {
    await record(1)
    const reviewId = idOf(await get('/reviews/next?reviewer=ada'))
    const answer = await post('/reviews/label', { reviewId, label: 'violation', reviewer: 'ada' })
    expect(answer).toMatchObject({
      status: 200,
      json: {
        status: 'recorded',
        verdict: 'true_positive',
        decision: { filterId: FULL_DECISION.filterId, score: FULL_DECISION.score, actionTaken: 'redacted' },
      },
    })
    const stored = receiver.ledger.reader.at(receiver.ledger.reader.size() - 1)
    expect(JSON.parse(stored?.text ?? '')).toMatchObject({
      type: 'block.reviewed',
      actor: { type: 'client', id: 'a-review-tool' },
      data: { reviewerId: 'ada', blind: true },
    })
    expect(await get('/reviews/next?reviewer=ada')).toMatchObject({ status: 204 })
  })

  test('says why it did not, in a 200 that a program can read', async () => {
    const reviewId = '019b3e7c-0000-7000-8000-000000000000'
    expect(await post('/reviews/label', { reviewId, label: 'violation', reviewer: 'ada' })).toMatchObject({
      status: 200,
      json: { status: 'rejected', errorCode: 'unknown_block', decision: null },
    })
    expect(await post('/reviews/label', {})).toMatchObject({
      status: 200,
      json: { status: 'rejected', errorCode: 'input_invalid' },
    })
  })

  test.each(['', '[]', '{"label":', '{"__proto__":{}}'])('is 400 for the body %j', async (body) => {
    await expectRefused(receiver, 400, 'request-malformed', () => post('/reviews/label', body))
  })
})

describe('POST /reviews/plan and GET /reviews/stats', () => {
  test('make a plan, and tell that it is in force', async () => {
    const made = { seed: 'mine', rate: 0.2, strata: [{ category: 'self_harm', rate: 1 }], secondRate: 0.1 }
    expect(await post('/reviews/plan', made)).toMatchObject({
      status: 200,
      json: { status: 'recorded', plan: made },
    })
    await record(3)
    expect(await get('/reviews/stats')).toMatchObject({
      status: 200,
      json: { plan: made, planIndex: 0, agreement: { kappa: null, target: 0.75 } },
    })
  })

  test('refuse a plan that breaks rules, and record nothing', async () => {
    expect(await post('/reviews/plan', { rate: 0 })).toMatchObject({
      status: 200,
      json: { status: 'rejected', violations: ['rate: a rate from 0.001 to 1 is expected'], plan: null },
    })
    expect(receiver.ledger.reader.size()).toBe(0)
  })
})

describe('the routes of the queue', () => {
  test('need a token of their own scope: who takes may not label, nor the other way round', async () => {
    await expectRefused(receiver, 401, 'token-missing', () => call(`${receiver.url}/reviews/stats`))
    for (const path of ['/reviews/next?reviewer=ada', '/reviews/stats'])
      await expectRefused(receiver, 403, 'scope-missing', () => get(path, writer))
    for (const path of ['/reviews/label', '/reviews/plan'])
      await expectRefused(receiver, 403, 'scope-missing', () => post(path, {}, reader))
  })

  test.each([
    ['/reviews/next', 'POST', 'GET'],
    ['/reviews/stats', 'POST', 'GET, HEAD'],
    ['/reviews/label', 'GET', 'POST'],
    ['/reviews/plan', 'GET', 'POST'],
  ])('%s does not take %s', async (path, method, allow) => {
    const answer = await get(path, reader, method)
    expect(answer).toMatchObject({ status: 405 })
    expect(answer.headers['allow']).toBe(allow)
  })

  test('are not there where no queue is', async () => {
    const bare = await startTestReceiver()
    try {
      const headers = { authorization: `Bearer ${await bare.token(['reviews:read'])}` }
      expect(await call(`${bare.url}/reviews/stats`, { headers })).toMatchObject({ status: 404 })
    } finally {
      await bare.close()
    }
  })
})
