import { asRecord } from '../../ledger/entry/as-record.ts'
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
export function isSameFilter(spec: FilterSpec, remote: RemoteFilter): boolean {
  return differingProperties(spec, remote).length === 0
}

/** The properties in which a live filter differs from a spec, by path. */
export function differingProperties(spec: FilterSpec, remote: RemoteFilter): readonly string[] {
  const wanted = comparable(spec)
  const found = comparable(remote.raw)
  const skipped = spec.priority === 'auto' ? 'priority' : ''
  const paths = [...new Set([...wanted.keys(), ...found.keys()])].sort()
  return paths.filter((path) => path !== skipped && wanted.get(path) !== found.get(path))
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
      Array.isArray(categories) ? [...new Set<unknown>(categories)].sort() : categories,
    ],
    ['config.block_action', action],
    ['config.false_positive_tolerance', tolerance],
    ...Object.entries(asRecord(thresholds)).map(([key, value]): [string, unknown] => [
      `config.thresholds.${key}`,
      value,
    ]),
  ]
  return new Map(values.map(([path, value]) => [path, value === undefined ? '' : JSON.stringify(value)]))
}
