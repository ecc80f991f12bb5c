import { Ajv } from 'ajv'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { familiesOf } from '../../../receiver/metrics/metric-family.ts'
import { otlpRequest } from '../../../receiver/otlp/otlp-request.ts'
import { OTLP_SCHEMA } from './otlp-schema.ts'

const RESOURCE = {
  version: '1.2.3',
  instanceId: 'i-1',
  environment: 'test',
  startedAt: new Date('2026-01-31T12:00:00.001Z'),
}
const AT = new Date('2026-01-31T12:01:00.250Z')
const START = '1769860800001000000'
const TIME = '1769860860250000000'

const isRequest = new Ajv().compile(OTLP_SCHEMA)

async function requestOf(registry: Registry, since: 'process' | 'ledger' = 'process') {
  const request = otlpRequest(await familiesOf(registry, since), RESOURCE, AT)
  expect([isRequest(request), isRequest.errors]).toEqual([true, null])
  return request
}

const metricsOf = ({ resourceMetrics }: Awaited<ReturnType<typeof requestOf>>) =>
  resourceMetrics[0]?.scopeMetrics[0]?.metrics

function registryOf(fill: (registers: Registry[]) => void): Registry {
  const registry = new Registry()
  fill([registry])
  return registry
}

describe('an OTLP request', () => {
  test('says whose numbers they are', async () => {
    const registry = registryOf((registers) => new Gauge({ name: 'g', help: 'h', registers }).set(1))
    expect((await requestOf(registry)).resourceMetrics[0]?.resource.attributes).toEqual([
      { key: 'service.name', value: { stringValue: 'filter-ledger' } },
      { key: 'service.version', value: { stringValue: '1.2.3' } },
      { key: 'service.instance.id', value: { stringValue: 'i-1' } },
      { key: 'deployment.environment.name', value: { stringValue: 'test' } },
    ])
  })

  test('has a counter as a cumulative monotonic sum, whatever its labels hold', async () => {
    const hostile = 'a"b\\c\nd\u0000é'
    const registry = registryOf((registers) =>
      new Counter({ name: 'waits_seconds_total', help: 'Waits.', labelNames: ['f'], registers }).inc(
        { f: hostile },
        2.5,
      ),
    )
    expect(metricsOf(await requestOf(registry))).toEqual([
      {
        name: 'waits_seconds_total',
        description: 'Waits.',
        unit: 's',
        sum: {
          aggregationTemporality: 2,
          isMonotonic: true,
          dataPoints: [
            {
              attributes: [{ key: 'f', value: { stringValue: hostile } }],
              startTimeUnixNano: START,
              timeUnixNano: TIME,
              asDouble: 2.5,
            },
          ],
        },
      },
    ])
  })

  test('claims no start for what the ledger counted before this process', async () => {
    const registry = registryOf((registers) => new Counter({ name: 'c_total', help: 'h', registers }).inc(7))
    expect(metricsOf(await requestOf(registry, 'ledger'))).toMatchObject([
      { sum: { dataPoints: [{ attributes: [], timeUnixNano: TIME, asDouble: 7 }] } },
    ])
    expect(JSON.stringify(await requestOf(registry, 'ledger'))).not.toContain('startTimeUnixNano')
  })

  test('has a gauge without a start, and a share in the unit 1', async () => {
    const registry = registryOf((registers) => new Gauge({ name: 'r_ratio', help: 'h', registers }).set(0.25))
    expect(metricsOf(await requestOf(registry))).toEqual([
      {
        name: 'r_ratio',
        description: 'h',
        unit: '1',
        gauge: { dataPoints: [{ attributes: [], timeUnixNano: TIME, asDouble: 0.25 }] },
      },
    ])
  })

  test('counts each observation of a histogram in one bucket, by series', async () => {
    const registry = registryOf((registers) => {
      const times = new Histogram({
        name: 't_seconds',
        help: 'h',
        labelNames: ['a'],
        buckets: [1, 2],
        registers,
      })
      for (const seconds of [0.5, 1, 1.5, 3, 4, 5]) times.observe({ a: 'x' }, seconds)
      times.observe({ a: 'y' }, 2)
    })
    expect(metricsOf(await requestOf(registry))).toMatchObject([
      {
        unit: 's',
        histogram: {
          aggregationTemporality: 2,
          dataPoints: [
            {
              attributes: [{ key: 'a', value: { stringValue: 'x' } }],
              startTimeUnixNano: START,
              count: '6',
              sum: 15,
              bucketCounts: ['2', '1', '3'],
              explicitBounds: [1, 2],
            },
            { count: '1', sum: 2, bucketCounts: ['0', '1', '0'] },
          ],
        },
      },
    ])
  })

  test('leaves out the sum of what may be negative, and metrics without a sample', async () => {
    const registry = registryOf((registers) => {
      new Histogram({ name: 'ages', help: 'h', buckets: [-5, 0, 5], registers }).observe(-1)
      new Gauge({ name: 'none', help: 'h', labelNames: ['a'], registers })
    })
    const metrics = metricsOf(await requestOf(registry))
    expect(metrics).toMatchObject([
      {
        name: 'ages',
        histogram: {
          dataPoints: [{ count: '1', bucketCounts: ['0', '1', '0', '0'], explicitBounds: [-5, 0, 5] }],
        },
      },
    ])
    expect(JSON.stringify(metrics)).not.toContain('"sum"')
  })
})
