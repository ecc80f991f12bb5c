/**
 * ExportMetricsServiceRequest of opentelemetry-proto 1.x in protobuf's JSON mapping, as far as a receiver of metrics
 * reads it: camel-case names, 64-bit integers as texts, and no member that the .proto files do not have.
 */
const UINT64 = { type: 'string', pattern: '^(0|[1-9][0-9]{0,19})$' }
const TIME = { type: 'string', pattern: '^[1-9][0-9]{18}$' }

function message(properties: object, required: readonly string[] = []): object {
  return { type: 'object', properties, required, additionalProperties: false }
}

function listOf(items: object): object {
  return { type: 'array', items }
}

const KEY_VALUES = listOf(
  message({ key: { type: 'string', minLength: 1 }, value: message({ stringValue: { type: 'string' } }) }, [
    'key',
    'value',
  ]),
)
const TIMES = { attributes: KEY_VALUES, startTimeUnixNano: TIME, timeUnixNano: TIME }
const NUMBER_POINTS = listOf(
  message({ ...TIMES, asDouble: { type: 'number' } }, ['attributes', 'timeUnixNano', 'asDouble']),
)
const HISTOGRAM_POINTS = listOf(
  message(
    {
      ...TIMES,
      count: UINT64,
      sum: { type: 'number' },
      bucketCounts: listOf(UINT64),
      explicitBounds: listOf({ type: 'number' }),
    },
    ['attributes', 'timeUnixNano', 'count', 'bucketCounts', 'explicitBounds'],
  ),
)
const CUMULATIVE = { const: 2 }
const DESCRIBED = { name: { type: 'string', minLength: 1 }, description: { type: 'string' }, unit: {} }
const METRIC = {
  oneOf: [
    message({ ...DESCRIBED, gauge: message({ dataPoints: NUMBER_POINTS }, ['dataPoints']) }, [
      'name',
      'gauge',
    ]),
    message(
      {
        ...DESCRIBED,
        sum: message(
          { dataPoints: NUMBER_POINTS, aggregationTemporality: CUMULATIVE, isMonotonic: { const: true } },
          ['dataPoints', 'aggregationTemporality', 'isMonotonic'],
        ),
      },
      ['name', 'sum'],
    ),
    message(
      {
        ...DESCRIBED,
        histogram: message({ dataPoints: HISTOGRAM_POINTS, aggregationTemporality: CUMULATIVE }, [
          'dataPoints',
          'aggregationTemporality',
        ]),
      },
      ['name', 'histogram'],
    ),
  ],
}
const SCOPE_METRICS = message(
  {
    scope: message({ name: { type: 'string' }, version: { type: 'string' } }),
    metrics: { type: 'array', items: METRIC, minItems: 1 },
  },
  ['scope', 'metrics'],
)

export const OTLP_SCHEMA = message(
  {
    resourceMetrics: listOf(
      message({ resource: message({ attributes: KEY_VALUES }), scopeMetrics: listOf(SCOPE_METRICS) }, [
        'resource',
        'scopeMetrics',
      ]),
    ),
  },
  ['resourceMetrics'],
)
