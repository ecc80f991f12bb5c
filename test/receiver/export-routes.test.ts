import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { parseCheckpoint } from '../../ledger/note/checkpoint.ts'
import { draft, removeTempFolders, verifyFile } from '../support/temp-ledger.ts'
import { startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { call } from './http-caller.ts'
import type { Answer } from './http-caller.ts'

const SIZE = 1200
let receiver: TestReceiver
let token = ''

beforeAll(async () => {
  receiver = await startTestReceiver()
  await Promise.all(
    Array.from({ length: SIZE }, (_, i) =>
      receiver.ledger.append({
        entry: draft({
          type: i % 4 === 0 ? 'block.recorded' : 'filter.updated',
          entity: { type: 'filter', id: `f-${i % 5}` },
          data: { i, padding: 'x'.repeat(2000) },
        }),
      }),
    ),
  )
  token = await receiver.token(['ledger:export'], { lifetimeS: 600, subject: 'auditor-1' })
})

afterAll(async () => {
  await receiver.close()
  expect(await verifyFile(receiver.file)).toMatchObject({ ok: true })
  removeTempFolders()
})

const get = (path: string): Promise<Answer> =>
  call(receiver.url + path, { headers: { authorization: `Bearer ${token}` } })
const lastEntries = (count: number) => {
  const { reader } = receiver.ledger
  return reader
    .page(reader.size() - count, count)
    .map(({ text }) => JSON.parse(text) as { data: Record<string, unknown> })
}

describe('an export over HTTP', () => {
  test('is on record before its first byte and after its last: who, which query, which checkpoint, which bytes', async () => {
    const before = parseCheckpoint(receiver.ledger.log.checkpoint() ?? '')
    const answer = await get('/ledger/export.csv?from=10&to=20&columns=/type,/entity/id')
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } })
    expect(answer.text.split('\r\n')[0]).toBe('index,/type,/entity/id,entry')
    const exportId = answer.headers['x-export-id']
    const [begun, finished] = lastEntries(2)
    const common = {
      exportId,
      format: 'csv',
      columns: ['/type', '/entity/id'],
      query: { from: 10, to: 20 },
      checkpoint: { size: before.size, root: before.root.toString('base64') },
    }
    expect(begun).toMatchObject({
      type: 'access.exported',
      action: 'export',
      actor: { type: 'client', id: 'auditor-1' },
      data: common,
    })
    expect(finished).toMatchObject({
      type: 'access.exported',
      action: 'export-finished',
      data: {
        ...common,
        rows: 10,
        complete: true,
        range: { from: 10, to: 20 },
        files: {
          'export.csv': {
            sha256: createHash('sha256').update(answer.text).digest('hex'),
            size: Buffer.byteLength(answer.text),
          },
        },
      },
    })
    const kept = await get(`/ledger/exports/${String(exportId)}`)
    expect(kept.json).toMatchObject({
      index: receiver.ledger.reader.size() - 1,
      entry: { data: { rows: 10 } },
    })
  })

  test('gives NDJSON with the exact texts, and what a filter asks for', async () => {
    const { headers, text } = await get('/ledger/export.ndjson?type=block.recorded&filter=f-0&to=200')
    expect(headers['content-type']).toBe('application/x-ndjson')
    const rows = text.split('\n').slice(0, -1)
    expect(rows.map((row) => (JSON.parse(row) as { index: number }).index)).toEqual([
      0, 20, 40, 60, 80, 100, 120, 140, 160, 180,
    ])
    for (const row of rows) {
      const index = (JSON.parse(row) as { index: number }).index
      expect(row).toBe(`{"index":${index},"entry":${receiver.ledger.reader.at(index)?.text ?? ''}}`)
    }
    expect(lastEntries(1)[0]).toMatchObject({
      data: { rows: 10, complete: false, query: { to: 200, types: ['block.recorded'], filter: 'f-0' } },
    })
  })

  test('is resumed by index after it was cut off, and the cut is on record', async () => {
    const size = receiver.ledger.reader.size()
    await new Promise<void>((resolve, reject) => {
      const sent = request(
        `${receiver.url}/ledger/export.csv`,
        { agent: false, headers: { authorization: `Bearer ${token}` } },
        (answer) => {
          answer.once('data', () => {
            answer.destroy()
            resolve()
          })
        },
      )
      sent.once('error', reject)
      sent.end()
    })
    while (receiver.ledger.reader.size() < size + 2) await new Promise((resolve) => setTimeout(resolve, 5))
    const [cut] = lastEntries(1)
    expect(cut).toMatchObject({
      type: 'access.exported',
      action: 'export-aborted',
      status: 'WARNING',
      data: { complete: false },
    })
    const { text } = await get('/ledger/export.csv?from=500&to=501')
    expect(text.split('\r\n')[1]?.startsWith('500,')).toBe(true)
  })

  test('a reader that stands still holds up no append', async () => {
    const sent = request(`${receiver.url}/ledger/export.ndjson`, {
      agent: false,
      headers: { authorization: `Bearer ${token}` },
    })
    const answered = new Promise<void>((resolve) => {
      sent.once('response', (answer) => {
        answer.pause()
        resolve()
      })
    })
    sent.end()
    await answered
    for (let i = 0; i < 50; i++) await receiver.ledger.append({ entry: draft() })
    sent.destroy()
  })

  test.each([
    ['?from=5&to=4', 'query-invalid'],
    ['?type=nonsense', 'query-invalid'],
    ['?since=yesterday', 'query-invalid'],
    ['?columns=type', 'query-invalid'],
    ['?columns=/type,/type', 'query-invalid'],
    ['?order=desc', 'query-invalid'],
  ])('%s is refused before anything is recorded', async (query, type) => {
    const size = receiver.ledger.reader.size()
    expect((await get(`/ledger/export.csv${query}`)).json).toMatchObject({
      status: 400,
      type: `urn:filter-ledger:problem:${type}`,
    })
    expect(receiver.ledger.reader.size()).toBe(size)
  })

  test('an export that never was is 404', async () => {
    expect((await get('/ledger/exports/none')).json).toMatchObject({
      status: 404,
      type: 'urn:filter-ledger:problem:export-not-found',
    })
  })
})
