import { randomBytes } from 'node:crypto'
import request from 'supertest'
import { recordBlockAction } from '../../actions/data-actions/record-block.ts'
import { reportVerdictAction } from '../../actions/data-actions/report-verdict.ts'
import { filterRecords } from '../../ledger/projections/filter-records.ts'
import { parseStored } from '../../ledger/store/entry-reader.ts'
import type { MetricsSummary } from '../../ledger/metrics/metrics-summary.ts'
import type { ActionRoute } from '../../receiver/action-handler.ts'
import { removeTempFolders, verifyFile } from '../support/temp-ledger.ts'
import { startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'

afterAll(removeTempFolders)

/** The app with the real actions that write to its own ledger. */
async function openApp(): Promise<{ receiver: TestReceiver; bearer: string }> {
  // The actions need the ledger of the receiver that they are given to.
  const opened: { receiver?: TestReceiver } = {}
  const ledger = (): TestReceiver['ledger'] => {
    if (!opened.receiver) throw new TypeError('not opened yet')
    return opened.receiver.ledger
  }
  const append: TestReceiver['ledger']['append'] = (submission) => ledger().append(submission)
  const findEntry = (id: string) => {
    const stored = ledger().reader.byId(id)
    return stored && parseStored(stored)
  }
  const actions: readonly ActionRoute[] = [
    {
      name: 'record-block',
      scope: 'actions:record-block',
      handle: recordBlockAction({
        append,
        referenceKey: randomBytes(32),
        filters: filterRecords(),
        now: () => new Date(),
      }),
    },
    {
      name: 'report-verdict',
      scope: 'actions:report-verdict',
      handle: reportVerdictAction({ append, findEntry }),
    },
  ]
  const receiver = await startTestReceiver({ actions })
  opened.receiver = receiver
  const scopes = [
    'actions:record-block',
    'actions:report-verdict',
    'metrics:read',
    'ledger:read',
    'ledger:export',
  ]
  return { receiver, bearer: `Bearer ${await receiver.token(scopes)}` }
}

const block = {
  filterId: 'f-1',
  category: 'pii',
  score: 0.95,
  threshold: 0.9,
  actionTaken: 'blocked',
  direction: 'input',
}

describe('the app', () => {
  test('a block and its verdict go from the action routes into the ledger, both metrics and the CSV', async () => {
    const { receiver, bearer } = await openApp()
    const post = (name: string, body: object) =>
      request(receiver.app).post(`/actions/${name}`).set('authorization', bearer).send(body)
    const get = (path: string) => request(receiver.app).get(path).set('authorization', bearer)
    const recorded = await post('record-block', { ...block, conversationId: 'secret-conversation' }).expect(
      200,
    )
    const { entryId } = recorded.body as { readonly entryId: string }
    await post('report-verdict', { blockId: entryId, verdict: 'false_positive', reviewerId: 'r-1' }).expect(
      200,
      /"status":"recorded"/,
    )
    const metrics = (await get('/metrics/filters').expect(200)).body as MetricsSummary
    expect(metrics).toMatchObject({ total_blocks: 1, false_positive_rate: 1 })
    const prometheus = await get('/metrics')
      .expect(200)
      .expect('content-type', /text\/plain/)
    expect(prometheus.text).toContain(
      'filter_ledger_filter_reviews{filter="f-1",side="intervention",verdict="false_positive"} 1',
    )
    const csv = await get('/ledger/export.csv').expect(200).expect('content-type', 'text/csv; charset=utf-8')
    expect(csv.text.split('\r\n')).toHaveLength(4)
    expect(csv.text).not.toContain('secret-conversation')
    await receiver.close()
    // The block, the verdict, and the beginning and the end of the export.
    expect(await verifyFile(receiver.file)).toMatchObject({ ok: true, size: 4 })
  })

  test('sends the headers of helmet to those who read, and tells nobody what it is built with', async () => {
    const { receiver } = await openApp()
    const answer = await request(receiver.app).get('/health/live').expect(200, { status: 'ok' })
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(answer.headers).not.toHaveProperty('x-powered-by')
    await request(receiver.app)
      .get('/nowhere')
      .expect(404)
      .expect('content-type', /application\/problem\+json/)
    await receiver.close()
  })
})
