import { DELIVERY_RESULTS } from '../../receiver/edge/delivery-result.ts'
import { call } from './http-caller.ts'
import { eventBody, postDelivery, startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { draft, removeTempFolders } from '../support/temp-ledger.ts'

let receiver: TestReceiver
let token: string

beforeEach(async () => {
  receiver = await startTestReceiver()
  token = await receiver.token(['metrics:read'])
})

afterEach(() => receiver.close())
afterAll(removeTempFolders)

const get = (path: string) => call(receiver.url + path, { headers: { authorization: `Bearer ${token}` } })

/** The value of one sample, by its name and labels as exposed. */
async function sample(name: string): Promise<number | undefined> {
  const { text } = await get('/metrics')
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length + 1))
}

async function appendBlocks(): Promise<void> {
  const block = (actionTaken: string) =>
    receiver.ledger.append({
      entry: draft({
        type: 'block.recorded',
        action: 'record',
        data: { filterId: 'f-1', category: 'pii', score: 0.9, threshold: 0.5, actionTaken },
      }),
    })
  const { id: blockId } = await block('blocked')
  for (const action of ['blocked', 'redacted', 'flagged', 'flagged', 'passed']) await block(action)
  await receiver.ledger.append({
    entry: draft({ type: 'block.reviewed', action: 'review', data: { blockId, verdict: 'false_positive' } }),
  })
}

describe('the metrics', () => {
  test('agree in both forms', async () => {
    await appendBlocks()
    await receiver.ledger.append({ entry: draft({ type: 'deployment.registered', data: { latencyMs: 40 } }) })
    await receiver.ledger.append({
      entry: draft({ type: 'deployment.failed', status: 'FAILURE', data: { errorClass: 'rate_limited' } }),
    })
    await receiver.ledger.append({
      entry: draft({
        type: 'drift.detected',
        data: { filterId: 'f-1', kind: 'missing', webhook: 'missed', digest: 'd' },
      }),
    })
    expect((await get('/metrics/filters')).json).toMatchObject({
      avg_registration_latency_ms: 40,
      registration_success_rate: 0.5,
      total_blocks: 3,
      false_positive_rate: 1 / 3,
      registration: { registered: 1, failed: 1, failures_by_class: { rate_limited: 1 } },
      filters: [{ filter_id: 'f-1', blocked: 2, redacted: 1, flagged: 2, passed: 1, false_positives: 1 }],
    })
    const samples: readonly [string, number][] = [
      ['filter_ledger_filter_decisions_total{filter="f-1",category="pii",action="blocked"}', 2],
      ['filter_ledger_filter_decisions_total{filter="f-1",category="pii",action="redacted"}', 1],
      ['filter_ledger_filter_decisions_total{filter="f-1",category="pii",action="flagged"}', 2],
      ['filter_ledger_filter_decisions_total{filter="f-1",category="pii",action="passed"}', 1],
      ['filter_ledger_filter_reviews{filter="f-1",side="intervention",verdict="false_positive"}', 1],
      ['filter_ledger_filter_reviews{filter="f-1",side="intervention",verdict="true_positive"}', 0],
      ['filter_ledger_registrations_total{outcome="registered"}', 1],
      ['filter_ledger_registration_failures_total{class="rate_limited"}', 1],
      ['filter_ledger_entries', receiver.ledger.reader.size()],
      ['filter_ledger_queue_depth', 0],
      ['filter_ledger_queue_age_seconds', 0],
      ['filter_ledger_writable', 1],
      ['filter_ledger_drift{kind="changed"}', 0],
      ['filter_ledger_drift{kind="missing"}', 1],
      ['filter_ledger_webhooks_missed', 1],
      ['filter_ledger_reconcile_runs_total{outcome="failed"}', 0],
    ]
    for (const [name, value] of samples) expect([name, await sample(name)]).toEqual([name, value])
  })

  test('survive a filter id with quotes, backslashes and line feeds', async () => {
    await receiver.deliver(eventBody({ filter: { id: 'a"b\\c\nd{}', name: 'n' } }))
    const { text, headers } = await get('/metrics')
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    for (const line of text.split('\n')) {
      expect(line).toMatch(/^(?:#.*|[a-z_]+(?:\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? [-+\w.]+|)$/)
    }
    expect(text).toContain('filter="a\\"b\\\\c\\nd{}"')
  })

  test('count each delivery by what became of it', async () => {
    const text = eventBody({ id: 'e-1' })
    await receiver.deliver(text)
    await receiver.deliver(text)
    await receiver.deliver(eventBody({ id: 'e-1', api_version: 'v3' }))
    await receiver.deliver('[]')
    await receiver.deliver(text, 'x')
    const body = Buffer.from(text)
    await postDelivery(receiver.url, body, await receiver.signers.ES256.sign(body, { iat: 1 }))
    await postDelivery(receiver.url, body, await receiver.signers.ES256.sign(body, { kid: 'unknown' }))
    const results = [
      'stored',
      'duplicate',
      'event-conflict',
      'event-invalid',
      'signature-malformed',
      'timestamp-stale',
      'key-unknown',
    ]
    for (const result of results) {
      const name = `filter_ledger_webhook_deliveries_total{source="genesys",result="${result}"}`
      expect([result, await sample(name)]).toEqual([result, 1])
    }
    expect(await sample('filter_ledger_webhook_conflicts_total{source="genesys"}')).toBe(1)
    expect(await sample('filter_ledger_webhook_received_total{source="genesys"}')).toBe(results.length)
    expect(await sample('filter_ledger_webhook_verified_total{source="genesys"}')).toBe(4)
  })

  test('show every reason of a refusal from the start, and no other one ever', async () => {
    const { text } = await get('/metrics')
    const shown = [...text.matchAll(/webhook_deliveries_total\{source="genesys",result="([a-z-]+)"\}/g)]
    expect(shown.map(([, result]) => result).sort()).toEqual([...DELIVERY_RESULTS].sort())
  })

  test('count requests by route, never by path, and refused bodies for their own', async () => {
    await call(`${receiver.url}/webhooks/genesys`, { method: 'POST', body: 'x' })
    for (let i = 0; i < 5; i++) await call(`${receiver.url}/guess-${i}`)
    await get('/ledger/entries/17')
    const { text } = await get('/metrics')
    expect(text).toContain('_count{method="POST",route="/webhooks/genesys",status="415"} 1')
    expect(text).toContain('_count{method="GET",route="none",status="404"} 5')
    expect(text).toContain('_count{method="GET",route="/ledger/entries/:index",status="403"} 1')
    expect(text).not.toMatch(/guess|entries\/17/)
  })
})
