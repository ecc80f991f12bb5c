import { call } from './http-caller.ts'
import type { Answer } from './http-caller.ts'
import { eventBody, startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { draft, removeTempFolders } from '../support/temp-ledger.ts'

const SIZE = 203
let receiver: TestReceiver
let token: string

beforeAll(async () => {
  receiver = await startTestReceiver()
  await Promise.all(
    Array.from({ length: SIZE }, (_, i) =>
      receiver.ledger.append({ entry: draft({ entity: { type: 'filter', id: `f-${SIZE - i}` } }) }),
    ),
  )
  await receiver.ledger.append({ entry: draft({ entity: { type: 'filter', id: 'a/b ü' } }) })
  token = await receiver.token(['ledger:read'], { lifetimeS: 600 })
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

const get = (path: string, method = 'GET'): Promise<Answer> =>
  call(receiver.url + path, { method, headers: { authorization: `Bearer ${token}` } })

interface Page {
  readonly filters: readonly { readonly filterId: string }[]
  readonly next: string | null
}

describe('GET /ledger/filters', () => {
  test('followed by next, gives every filter once, by id', async () => {
    const seen: string[] = []
    for (let next: string | null = '/ledger/filters?limit=70'; next !== null;) {
      const { json } = await get(next)
      expect(json).toMatchObject({ size: SIZE + 1, from: seen.length })
      const page = json as Page
      seen.push(...page.filters.map(({ filterId }) => filterId))
      next = page.next
    }
    const ids = Array.from({ length: SIZE }, (_, i) => `f-${i + 1}`)
    expect(seen).toEqual([...ids, 'a/b ü'].sort())
  })

  test('gives a hundred at first, and none beyond the end', async () => {
    expect((await get('/ledger/filters')).json).toMatchObject({
      from: 0,
      filters: { length: 100 },
      next: '/ledger/filters?from=100&limit=100',
    })
    expect((await get(`/ledger/filters?from=${SIZE + 1}`)).json).toEqual({
      size: SIZE + 1,
      from: SIZE + 1,
      filters: [],
      next: null,
    })
  })

  test.each(['limit=0', 'limit=1001', 'from=-1', 'from=x', 'state=live', 'limit=1&limit=2'])(
    '?%s is 400',
    async (query) => {
      expect(await get(`/ledger/filters?${query}`)).toMatchObject({
        status: 400,
        json: { type: 'urn:filter-ledger:problem:query-invalid' },
      })
    },
  )
})

describe('GET /ledger/filters/:id', () => {
  test('tells the newest state, and that an older event came late', async () => {
    const deliver = (type: string, timestamp: string, version: number) =>
      receiver.deliver(
        eventBody({
          event_type: `ai:llm-gateway:filter:${type}`,
          timestamp,
          filter: { id: 'of-a-sender', name: 'guard', version },
        }),
      )
    await deliver('created', '2026-01-31T12:00:00Z', 1)
    await deliver('deleted', '2026-01-31T12:00:02.5Z', 3)
    await deliver('updated', '2026-01-31T12:00:02Z', 2)
    const { status, json } = await get('/ledger/filters/of-a-sender')
    expect(status).toBe(200)
    expect(json).toMatchObject({
      filterId: 'of-a-sender',
      name: 'guard',
      state: 'deleted',
      version: 3,
      occurredAt: '2026-01-31T12:00:02.5Z',
      events: 3,
      outOfOrder: 1,
    })
    const { entryIndex } = json as { entryIndex: number }
    expect((await get(`/ledger/entries/${entryIndex}`)).text).toContain('"type":"filter.deleted"')
  })

  test('takes an id as a path can carry it', async () => {
    expect(await get('/ledger/filters/a%2Fb%20%C3%BC')).toMatchObject({
      status: 200,
      json: { filterId: 'a/b ü', state: 'live' },
    })
  })

  test.each(['none', '__proto__', '%00', 'constructor'])('of %s, which is unknown, is 404', async (id) => {
    expect(await get(`/ledger/filters/${id}`)).toMatchObject({
      status: 404,
      json: { type: 'urn:filter-ledger:problem:filter-not-found' },
    })
  })

  test('of a text that is no URL is 400; nothing below it is there', async () => {
    expect(await get('/ledger/filters/%E0%A4%A')).toMatchObject({ status: 400 })
    expect(await get('/ledger/filters/f-1/x')).toMatchObject({ status: 404 })
  })
})
