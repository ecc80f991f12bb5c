import { asRecord } from '../../ledger/entry/as-record.ts'
import type { FilterBody } from './filter-body.ts'
import type { FilterSpec } from './filter-spec.ts'

/** A filter as the API answers it. Only the id is sure; live data may break our rules. */
export interface RemoteFilter {
  readonly id: string
  readonly name: string
  readonly filterType: string
  readonly enabled: boolean
  readonly priority: number | undefined
  readonly version: number | undefined
  /** The whole answer, as it came. */
  readonly raw: Readonly<Record<string, unknown>>
}

/**
 * True when a live filter already is what a spec asks for: sets compared as sets, defaults filled, numbers by
 * value, members that the server adds left out. A spec with priority `auto` takes whatever priority is there.
 */
export function isSameFilter(wanted: FilterSpec | FilterBody, remote: RemoteFilter): boolean {
  return differingProperties(wanted, remote).length === 0
}

/** The properties in which a live filter differs from what is wanted, by path. */
export function differingProperties(
  wanted: FilterSpec | FilterBody,
  remote: Pick<RemoteFilter, 'raw'>,
): readonly string[] {
  return differences(wanted, remote.raw).map(({ path }) => path)
}

/** One property that differs: its values as canonical texts, empty where there is none. */
export interface Difference {
  readonly path: string
  readonly wanted: string
  readonly found: string
}

/** What differs between a wanted filter and a found one, in the order of the paths. Linear in their size. */
export function differences(wanted: object, found: object): readonly Difference[] {
  const [a, b] = [comparable(wanted), comparable(found)]
  // A priority that is to be allocated is whatever is there.
  const skipped = a.get('priority') === '"auto"' ? 'priority' : ''
  const paths = [...new Set([...a.keys(), ...b.keys()])].sort()
  return paths
    .filter((path) => path !== skipped && a.get(path) !== b.get(path))
    .map((path) => ({ path, wanted: a.get(path) ?? '', found: b.get(path) ?? '' }))
}

/** The same for filters that are the same, however they are written: for digests. */
export function canonicalFilterText(filter: object): string {
  return JSON.stringify([...comparable(filter)].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function comparable(filter: object): ReadonlyMap<string, string> {
  const {
    name,
    description,
    filter_type: type,
    enabled,
    priority,
    config,
  } = filter as Readonly<Record<string, unknown>>
  const {
    content_categories: categories,
    block_action: action,
    thresholds,
    false_positive_tolerance: tolerance,
  } = asRecord(config)
  const values: readonly (readonly [string, unknown])[] = [
    ['name', typeof name === 'string' ? name.normalize('NFC').trim() : name],
    ['description', description ?? ''],
    ['filter_type', type ?? 'safety'],
    ['enabled', enabled ?? true],
    ['priority', priority],
    [
      'config.content_categories',
      Array.isArray(categories) ? [...new Set<unknown>(categories)].sort(byText) : categories,
    ],
    ['config.block_action', action],
    ['config.false_positive_tolerance', tolerance],
    ...Object.entries(asRecord(thresholds)).map(([key, value]): [string, unknown] => [
      `config.thresholds.${key}`,
      value,
    ]),
  ]
  return new Map(values.map(([path, value]) => [path, value === undefined ? '' : textOf(value)]))
}

/** Live data may hold anything there, also what has no text of its own to sort by. */
function byText(a: unknown, b: unknown): number {
  const [textA, textB] = [textOf(a), textOf(b)]
  return textA < textB ? -1 : Number(textA > textB)
}

/** What is nested deeper than can be written out is not compared any further: no filter of ours is. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (error instanceof RangeError) return '"nested too deep"'
    throw error
  }
}
