import { Writable } from 'node:stream'
import { pino } from 'pino'
import { startMetricsExport } from '../../../receiver/otlp/export-metrics.ts'
import type { ExportOptions, ExportOutcome, MetricsExport } from '../../../receiver/otlp/export-metrics.ts'
import { startCollector } from './otlp-collector.ts'
import type { Collector } from './otlp-collector.ts'

const MINUTE = 60_000
const NOW = new Date('2026-01-31T12:00:00.000Z')
const SECRET = 'Bearer not-for-logs'

let collector: Collector
let started: MetricsExport
let outcomes: ExportOutcome[]
let logged: string
let timers: { readonly ms: number; readonly task: () => void }[]

beforeEach(async () => {
  collector = await startCollector()
  outcomes = []
  logged = ''
  timers = []
})

afterEach(() => collector.close())

function start(changes: Partial<ExportOptions> = {}): void {
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      logged += chunk.toString('utf8')
      done()
    },
  })
  started = startMetricsExport({
    target: { url: collector.url, headers: { authorization: SECRET } },
    resource: { version: '1', instanceId: 'i', environment: 'test', startedAt: NOW },
    intervalMs: MINUTE,
    families: () =>
      Promise.resolve([
        {
          name: 'g',
          help: 'h',
          type: 'gauge',
          since: 'process',
          samples: [{ name: 'g', labels: {}, value: 1 }],
        },
      ]),
    countExport: (outcome) => outcomes.push(outcome),
    log: pino(stream),
    fetch,
    now: () => NOW,
    startTimer: (ms, task) => {
      const timer = { ms, task }
      timers.push(timer)
      return () => void (timers = timers.filter((each) => each !== timer))
    },
    ...changes,
  })
}

/** Rings the next timer, and waits until the export that it began has ended and the next one is planned. */
async function ring(): Promise<void> {
  timers.shift()?.task()
  while (timers.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
}

const messages = (): readonly string[] =>
  logged
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { msg: string }).msg)

describe('the export of metrics', () => {
  test('sends them once an interval, compressed JSON with the headers of the settings', async () => {
    start()
    expect([timers.map(({ ms }) => ms), collector.received.length]).toEqual([[MINUTE], 0])
    await ring()
    await ring()
    expect([timers.map(({ ms }) => ms), outcomes]).toEqual([[MINUTE], ['sent', 'sent']])
    expect(collector.received).toHaveLength(2)
    expect(collector.received[0]).toMatchObject({
      path: '/v1/metrics',
      headers: { authorization: SECRET, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'g' }] }] }] },
    })
  })

  test.each([
    ['429', 429, '600', 600_000],
    ['503 with a date', 503, new Date(NOW.getTime() + 120_000).toUTCString(), 120_000],
    ['503 that asks for less than an interval', 503, '5', MINUTE],
    ['429 that asks for a day', 429, '86400', 3_600_000],
    ['503 with nonsense', 503, 'soon', MINUTE],
    ['400, which is not meant for later', 400, '600', MINUTE],
  ])('waits as long as a %s asks for', async (_name, status, after, waits) => {
    collector.answerWith({ status, headers: { 'retry-after': after } })
    start()
    await ring()
    expect([timers.map(({ ms }) => ms), outcomes]).toEqual([[waits], ['failed']])
  })

  test('tells an outage once when it begins and once when it ends, and never a secret', async () => {
    collector.answerWith({ status: 500, body: SECRET })
    start()
    for (let i = 0; i < 3; i++) await ring()
    collector.answerWith({ status: 200, body: '{}' })
    for (let i = 0; i < 2; i++) await ring()
    expect(messages()).toEqual([
      'metrics cannot be sent to the OTLP endpoint',
      'metrics are sent to the OTLP endpoint again',
    ])
    expect(logged).toContain('"reason":"it answered 500"')
    expect(logged).toContain('"failed":3')
    expect(logged).not.toContain('not-for-logs')
    expect(logged).not.toContain('127.0.0.1')
  })

  test('fails when nobody listens, and when nobody answers in time', async () => {
    collector.answerWith(undefined)
    start({ timeoutMs: 50 })
    await ring()
    expect(logged).toContain('it did not answer within 0.05 s')
    await collector.close()
    start()
    timers.shift()
    await ring()
    expect(logged).toContain('it cannot be reached (ECONNREFUSED)')
    expect(outcomes).toEqual(['failed', 'failed'])
  })

  test('does not follow a redirection: the headers are for the target alone', async () => {
    const other = await startCollector()
    collector.answerWith({ status: 307, headers: { location: other.url.href } })
    start()
    await ring()
    expect([outcomes, other.received]).toEqual([['failed'], []])
    await other.close()
  })

  test('tells once that points were not taken', async () => {
    collector.answerWith({ status: 200, body: '{"partialSuccess":{"rejectedDataPoints":"2"}}' })
    start()
    await ring()
    await ring()
    expect(messages()).toEqual(['the OTLP endpoint did not take all metrics'])
    expect(outcomes).toEqual(['sent', 'sent'])
  })

  test('goes on when the metrics cannot be read', async () => {
    start({ families: () => Promise.reject(new Error('the ledger is closed')) })
    await ring()
    expect([outcomes, timers.length]).toEqual([['failed'], 1])
    expect(logged).toContain('the ledger is closed')
  })

  test('sends once more when it stops, and never again', async () => {
    start()
    const stopping = started.stop(1000)
    expect(timers.map(({ ms }) => ms)).toEqual([1000])
    await stopping
    expect([collector.received.length, timers, outcomes]).toEqual([1, [], ['sent']])
  })

  test('keeps a stop no longer than it may take', async () => {
    collector.answerWith(undefined)
    start()
    const stopping = started.stop(1000)
    timers.find(({ ms }) => ms === 1000)?.task()
    await stopping
    expect(outcomes).toEqual([])
  })

  test('does not send at a stop before a time that the target asked for', async () => {
    collector.answerWith({ status: 429, headers: { 'retry-after': '600' } })
    start()
    await ring()
    await started.stop(1000)
    expect(collector.received).toHaveLength(1)
  })
})
