import { createHash } from 'node:crypto'
import { csvHeader } from '../../ledger/export/csv.ts'
import { exportText } from '../support/export-text.ts'
import { call } from './http-caller.ts'
import type { Answer } from './http-caller.ts'
import { startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { draft, removeTempFolders } from '../support/temp-ledger.ts'

const SIZE = 1203
let receiver: TestReceiver
let token: string

beforeAll(async () => {
  receiver = await startTestReceiver()
  // Text that careless code would escape otherwise than the ledger did.
  const name = '<b>"\u2028\u{1f600}\\/\u00e9=1+1'
  await Promise.all(
    Array.from({ length: SIZE }, (_, i) =>
      receiver.ledger.append({
        entry: draft({ entity: { type: 'filter', id: `f-${i}`, name }, data: { i } }),
      }),
    ),
  )
  token = await receiver.token(['ledger:read', 'ledger:export'], { lifetimeS: 600 })
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

const get = (path: string, method = 'GET'): Promise<Answer> =>
  call(receiver.url + path, { method, headers: { authorization: `Bearer ${token}` } })

interface Page {
  readonly size: number
  readonly from: number
  readonly entries: readonly { readonly index: number; readonly leafHash: string }[]
  readonly next: string | null
}

function isPage(value: unknown): value is Page {
  return typeof value === 'object' && value !== null && 'entries' in value && 'next' in value
}

async function page(path: string): Promise<Page> {
  const { json } = await get(path)
  if (!isPage(json)) throw new TypeError('not a page')
  return json
}

describe('GET /ledger/entries', () => {
  test('gives the first hundred and the path of the next', async () => {
    const first = await page('/ledger/entries')
    expect(first).toMatchObject({ size: SIZE, from: 0, next: '/ledger/entries?from=100&limit=100' })
    expect(first.entries.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  test('followed by next, gives every entry once, in order', async () => {
    const seen: number[] = []
    for (let next: string | null = '/ledger/entries?from=0&limit=250'; next !== null;) {
      const read: Page = await page(next)
      seen.push(...read.entries.map(({ index }) => index))
      next = read.next
    }
    expect(seen).toEqual(Array.from({ length: SIZE }, (_, i) => i))
  })

  test('ends exactly at the end, and is empty beyond it', async () => {
    expect((await page(`/ledger/entries?from=${SIZE - 10}&limit=10`)).next).toBeNull()
    expect((await page(`/ledger/entries?from=${SIZE - 11}&limit=10`)).next).toBe(
      `/ledger/entries?from=${SIZE - 1}&limit=10`,
    )
    for (const from of [SIZE, SIZE + 1, 999_999_999_999_999]) {
      expect(await page(`/ledger/entries?from=${from}`)).toEqual({
        size: SIZE,
        from,
        entries: [],
        next: null,
      })
    }
  })

  test.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['from=1e3', 'from'],
    ['from=+1', 'from'],
    ['from=9999999999999999', 'from'],
    ['from=0x10', 'from'],
    ['offset=1', 'offset'],
    ['to=5', 'to'],
    ['from[a]=1', 'from\\[a\\]'],
    ['__proto__=1', '__proto__'],
  ])('?%s is 400 and names the parameter', async (query, name) => {
    expect(await get(`/ledger/entries?${query}`)).toMatchObject({
      status: 400,
      json: {
        type: 'urn:filter-ledger:problem:query-invalid',
        detail: expect.stringMatching(new RegExp(`\\b${name}|${name}\\b`)),
      },
    })
  })
})

describe('GET /ledger/entries/:index', () => {
  test('gives the entry\u2019s text byte for byte: whoever hashes it gets its leaf', async () => {
    for (const index of [0, 700, SIZE - 1]) {
      const stored = receiver.ledger.reader.at(index)
      const { text, headers } = await get(`/ledger/entries/${index}`)
      expect(headers['content-type']).toBe('application/json; charset=utf-8')
      const entry = /^\{"index":\d+,"leafHash":"([0-9a-f]{64})","entry":(.*)\}$/su.exec(text)
      expect(entry?.[2]).toBe(stored?.text)
      const leaf = createHash('sha256')
        .update(Buffer.from([0]))
        .update(entry?.[2] ?? '')
        .digest('hex')
      expect(entry?.[1]).toBe(leaf)
    }
  })

  test('gives the same bytes in a page', async () => {
    const { text } = await get('/ledger/entries?from=5&limit=2')
    for (const index of [5, 6])
      expect(text).toContain(`"entry":${receiver.ledger.reader.at(index)?.text ?? '-'}}`)
  })

  test('beyond the end is 404', async () => {
    for (const index of [SIZE, 999_999_999_999_999]) {
      expect(await get(`/ledger/entries/${index}`)).toMatchObject({
        status: 404,
        json: { type: 'urn:filter-ledger:problem:entry-not-found' },
      })
    }
  })

  test.each(['-1', '1.0', 'one', '1e1', '%31%00', "1'--", '99999999999999999999'])(
    'of %s is 400',
    async (index) => {
      expect(await get(`/ledger/entries/${index}`)).toMatchObject({
        status: 400,
        json: { type: 'urn:filter-ledger:problem:query-invalid' },
      })
    },
  )

  test('of a text that is no URL is 400', async () => {
    expect(await get('/ledger/entries/%E0%A4%A')).toMatchObject({
      status: 400,
      json: { type: 'urn:filter-ledger:problem:request-malformed' },
    })
  })
})

describe('GET /ledger/export.csv', () => {
  const expected = (from: number, to: number): Promise<string> =>
    exportText(receiver.ledger.reader, { from, to })

  test('streams every entry as a line, as a file to keep', async () => {
    const { status, headers, text } = await get('/ledger/export.csv')
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="ledger.csv"',
      'transfer-encoding': 'chunked',
    })
    expect(text.startsWith(csvHeader())).toBe(true)
    expect(text.split('\r\n')).toHaveLength(SIZE + 2)
    expect(text).toBe(await expected(0, SIZE))
  })

  test.each([
    ['?from=10&to=20', 10, 20],
    ['?from=1200&to=1203', 1200, SIZE],
    ['?to=3', 0, 3],
    ['?from=7&to=7', 7, 7],
    [`?from=${SIZE}&to=${SIZE}`, SIZE, SIZE],
  ])('%s gives that range', async (query, from, to) => {
    const { text } = await get(`/ledger/export.csv${query}`)
    expect(text).toBe(await expected(from, to))
    expect(text.split('\r\n')).toHaveLength(to - from + 2)
  })

  test.each(['from=5&to=4', 'from=-1', 'limit=5', 'to=x'])(
    '?%s is 400, before a byte of CSV',
    async (query) => {
      const answer = await get(`/ledger/export.csv?${query}`)
      expect(answer).toMatchObject({ status: 400, json: { type: 'urn:filter-ledger:problem:query-invalid' } })
      expect(answer.headers['content-disposition']).toBeUndefined()
    },
  )

  test('HEAD answers the headers alone', async () => {
    const { status, headers, text } = await get('/ledger/export.csv', 'HEAD')
    expect([status, headers['content-type'], text]).toEqual([200, 'text/csv; charset=utf-8', ''])
  })
})
