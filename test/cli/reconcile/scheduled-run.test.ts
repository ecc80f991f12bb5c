import { Writable } from 'node:stream'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { countedReconcile, scheduledRun } from '../../../cli/reconcile/scheduled-run.ts'
import { driftMetrics } from '../../../receiver/drift-metrics.ts'
import { pipelineOperations } from '../../../actions/pipeline/operations.ts'
import { FILTERS } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import {
  CALL,
  changeOutside,
  closeHouses,
  deployed,
  house,
  LATER_MS,
} from '../../actions/reconcile/drift-house.ts'
import type { House } from '../../actions/pipeline/pipeline-house.ts'

afterEach(closeHouses)
afterAll(removeTempFolders)

/** What a receiver has of it: the metrics and the log. */
function watched({ deps, pipeline }: House) {
  const registry = new Registry()
  const metrics = driftMetrics(registry, deps.records.drifts)
  const lines: string[] = []
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      lines.push(chunk.toString('utf8'))
      done()
    },
  })
  const now = () => new Date(Date.now() + LATER_MS)
  const reconcile = countedReconcile(
    pipelineOperations(deps, pipeline, now).reconcile,
    metrics,
    () => new Date(7000),
  )
  const sample = async (name: string): Promise<number | undefined> => {
    const line = (await registry.metrics()).split('\n').find((text) => text.startsWith(`${name} `))
    return line === undefined ? undefined : Number(line.slice(name.length + 1))
  }
  return { run: () => scheduledRun(reconcile, pino(stream)), lines, sample }
}

describe('a scheduled run', () => {
  test('tells in the log and by metrics, which fall again', async () => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    await changeOutside(opened, filterId)
    const { run, lines, sample } = watched(opened)
    expect(await sample('filter_ledger_reconcile_last_success_timestamp_seconds')).toBe(0)
    expect(await sample('filter_ledger_drift{kind="changed"}')).toBe(0)
    await run()
    expect(await sample('filter_ledger_drift{kind="changed"}')).toBe(1)
    expect(await sample('filter_ledger_drift{kind="missing"}')).toBe(0)
    expect(await sample('filter_ledger_webhooks_missed')).toBe(1)
    expect(await sample('filter_ledger_reconcile_runs_total{outcome="drift"}')).toBe(1)
    expect(await sample('filter_ledger_reconcile_last_success_timestamp_seconds')).toBe(7)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 40,
      drifts: 1,
      newDrifts: 1,
      missedWebhooks: 1,
    })
    await opened.deps.port.deleteFilter(filterId, CALL)
    await run()
    expect(await sample('filter_ledger_drift{kind="changed"}')).toBe(0)
    expect(await sample('filter_ledger_drift{kind="missing"}')).toBe(1)
  })

  test('that fails is logged and counted, and the next one does better', async () => {
    const opened = await house()
    await deployed(opened, 'guard')
    const { run, lines, sample } = watched(opened)
    opened.sandbox.addFault({ match: { path: FILTERS }, times: 10, fault: { kind: 'status', status: 403 } })
    await run()
    expect(await sample('filter_ledger_reconcile_runs_total{outcome="failed"}')).toBe(1)
    expect(await sample('filter_ledger_reconcile_last_success_timestamp_seconds')).toBe(0)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 50,
      reason: expect.stringContaining('scope') as string,
    })
    opened.sandbox.clearFaults()
    await run()
    expect(await sample('filter_ledger_reconcile_runs_total{outcome="in_sync"}')).toBe(1)
    expect(await sample('filter_ledger_webhooks_unconfirmed')).toBe(1)
  })
})
