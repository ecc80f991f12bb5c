import { createHash } from 'node:crypto'
import { append, blockDraft } from '../ledger/reports/report-ledger.ts'
import { csvRecords } from '../support/parse-csv.ts'
import { removeTempFolders, verifyFile } from '../support/temp-ledger.ts'
import { startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { call } from './http-caller.ts'
import type { Answer } from './http-caller.ts'

let receiver: TestReceiver
let token = ''

beforeAll(async () => {
  receiver = await startTestReceiver()
  for (let i = 0; i < 200; i++) await append(receiver.ledger, blockDraft({ queueId: `q-${i}` }))
  token = await receiver.token(['ledger:export'], { lifetimeS: 600, subject: 'auditor-1' })
})

afterAll(async () => {
  await receiver.close()
  expect(await verifyFile(receiver.file)).toMatchObject({ ok: true })
  removeTempFolders()
})

const get = (path: string, method = 'GET'): Promise<Answer> =>
  call(receiver.url + path, { method, headers: { authorization: `Bearer ${token}` } })

describe('GET /ledger/reports/:name.csv', () => {
  test('streams a report, on record before its first byte and after its last', async () => {
    const size = receiver.ledger.reader.size()
    const { status, headers, text } = await get('/ledger/reports/decision-events.csv?from=10&to=150')
    expect({ status, headers }).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="decision-events.csv"',
        'cache-control': 'no-store',
      },
    })
    expect(csvRecords(text).map(({ seq, queue_id }) => `${seq} ${queue_id}`)).toEqual(
      Array.from({ length: 140 }, (_, i) => `${i + 10} q-${i + 10}`),
    )
    const kept = await get(`/ledger/exports/${String(headers['x-export-id'])}`)
    expect(kept.json).toMatchObject({
      index: size + 1,
      entry: {
        type: 'access.exported',
        action: 'export-finished',
        actor: { type: 'client', id: 'auditor-1' },
        data: {
          report: 'decision-events',
          query: { from: 10, to: 150 },
          rows: 140,
          firstSeq: 10,
          lastSeq: 149,
          checkpoint: { size },
          files: { 'decision-events.csv': { sha256: createHash('sha256').update(text).digest('hex') } },
        },
      },
    })
  })

  test('sums up what was recorded', async () => {
    const { text } = await get('/ledger/reports/filter-performance.csv?grain=all')
    expect(csvRecords(text)).toMatchObject([
      { filter_id: 'f-1', version: '2', blocked: '200', fdp: 'not_estimable' },
    ])
  })

  test.each([
    ['nothing.csv', 'there is no report nothing'],
    ['change-events.csv?grain=day', 'takes no grain'],
    ['filter-performance.csv?grain=week', 'grain is day, hour, all'],
    ['decision-events.csv?from=x', 'from must be a whole number'],
    ['decision-events.csv?columns=/type', 'takes no columns'],
  ])('%s is a 400 that says what it takes, and no entry', async (path, said) => {
    const size = receiver.ledger.reader.size()
    const answer = await get(`/ledger/reports/${path}`)
    expect(answer).toMatchObject({ status: 400, json: { type: 'urn:filter-ledger:problem:query-invalid' } })
    expect((answer.json as { detail: string }).detail).toContain(said)
    expect(receiver.ledger.reader.size()).toBe(size)
  })

  test('HEAD is no export, another method is told what is allowed, and other paths are not there', async () => {
    const size = receiver.ledger.reader.size()
    expect(await get('/ledger/reports/change-events.csv', 'HEAD')).toMatchObject({ status: 200, text: '' })
    expect(await get('/ledger/reports/change-events.csv', 'DELETE')).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    })
    expect(await get('/ledger/reports/change-events')).toMatchObject({ status: 404 })
    expect(receiver.ledger.reader.size()).toBe(size)
  })
})
