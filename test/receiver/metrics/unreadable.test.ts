import { receiverMetrics } from '../../../receiver/prometheus.ts'
import { freshMetricsHouse } from '../../support/metrics-house.ts'
import { parseExposition } from './exposition.ts'

describe('counts that cannot be read', () => {
  test('leave all other metrics, and say so, in both formats', async () => {
    const { metrics, connection } = freshMetricsHouse()
    const { expose, families } = receiverMetrics({
      size: () => 7,
      depth: () => 0,
      oldestWaitMs: () => 0,
      writable: () => false,
      metrics,
      drifts: () => [],
    })
    const readable = async (): Promise<number | undefined> =>
      parseExposition((await expose()).text).get('filter_ledger_metrics_readable')?.samples[0]?.value
    expect(await readable()).toBe(1)
    connection.close()
    expect(await readable()).toBe(0)
    const exposed = parseExposition((await expose()).text)
    expect(exposed.get('filter_ledger_writable')?.samples).toMatchObject([{ value: 0 }])
    expect(exposed.has('filter_ledger_filters')).toBe(false)
    const names = (await families()).map(({ name }) => name)
    expect(names).toContain('filter_ledger_entries')
    expect(names).not.toContain('filter_ledger_filters')
  })
})
