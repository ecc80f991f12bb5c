import type { LatencyNumbers, RegistrationNumbers } from '../../../ledger/metrics/registration-numbers.ts'
import { count, counted, duration, share } from '../format.ts'
import type { Markup } from '../html/markup.ts'
import { facts, note, paragraph, section } from '../html/section.ts'
import { foldedTable, table } from '../html/table.ts'
import type { ReportData } from '../report-data.ts'
import { rowBars } from '../svg/row-bars.ts'

const QUANTILES = ['p50', 'p95', 'p99'] as const

/** How deployments went: how long they took, how many failed, and why. */
export function registration({ registration: numbers }: ReportData): Markup {
  const content =
    numbers.attempts === 0
      ? [paragraph('No deployment has ended yet.')]
      : [outcomes(numbers), failures(numbers), ...latency(numbers.registration_latency_ms)]
  return section({
    id: 'registration',
    heading: 'Registration of filters',
    content: [note('Over the whole ledger and all filters, whatever the period.'), ...content],
  })
}

function outcomes(numbers: RegistrationNumbers): Markup {
  const { registration_success_rate: rate, attempts, failed } = numbers
  return facts([
    ['deployments that ended', count(attempts)],
    ['success ratio', rate === null ? 'nothing ended yet' : share(rate)],
    ['failed', count(failed)],
    ['waited on 429', duration(numbers.waited_on_429_ms)],
  ])
}

function failures({ failures_by_class: classes, failed }: RegistrationNumbers): Markup {
  if (failed === 0) return paragraph('None failed.')
  const rows = Object.entries(classes).sort(([a, inA], [b, inB]) => inB - inA || (a < b ? -1 : 1))
  return table({
    caption: 'Failures by class',
    columns: ['class', 'failures', 'share of failures'],
    rows: rows.map(([name, failures]) => [name, count(failures), share(failures / failed)]),
  })
}

function latency(numbers: LatencyNumbers): readonly Markup[] {
  if (numbers.count === 0) return [paragraph('No registration has a measured latency yet.')]
  const rows = histogram(numbers)
  const greatest = Math.max(...rows.map((row) => row.count))
  const quantiles = QUANTILES.map((q) => `${q} ${durationOf(numbers[q])}`).join(', ')
  return [
    facts(QUANTILES.map((q) => [`latency, ${q}`, durationOf(numbers[q])])),
    rowBars({
      id: 'registration-picture',
      title: 'Registration latency',
      description: `${counted(numbers.count, 'registration')}; ${quantiles}.`,
      rows: rows.map((row) => ({
        name: row.range,
        note: [count(row.count), ...row.quantiles].join(' · '),
        filled: row.count / greatest,
      })),
      notes: 'beside',
    }),
    note(
      'From the request to the registration. Quantiles are estimated within the range that holds them. Resumed and imported deployments have no latency.',
    ),
    foldedTable({
      caption: 'Registration latency',
      columns: ['latency', 'registrations', 'share'],
      rows: rows.map((row) => [row.range, count(row.count), share(row.count / numbers.count)]),
    }),
  ]
}

interface HistogramRow {
  readonly range: string
  readonly count: number
  readonly quantiles: readonly string[]
}

/** From the first range that holds something to the last. */
function histogram({ buckets, ...numbers }: LatencyNumbers): readonly HistogramRow[] {
  const rows = buckets.map(({ upper_bound: bound, count: held }, i) => {
    const above = buckets[i - 1]?.upper_bound ?? 0
    const holds = (value: number | null): boolean =>
      value !== null && value > above && (bound === null || value <= bound)
    return {
      range:
        bound === null
          ? `above ${duration(above)}`
          : `${above === 0 ? '0' : duration(above)} to ${duration(bound)}`,
      count: held,
      quantiles: QUANTILES.filter((q) => holds(numbers[q])),
    }
  })
  return rows.slice(
    rows.findIndex((row) => row.count > 0),
    rows.findLastIndex((row) => row.count > 0) + 1,
  )
}

function durationOf(ms: number | null): string {
  return ms === null ? 'nothing measured yet' : duration(ms)
}
