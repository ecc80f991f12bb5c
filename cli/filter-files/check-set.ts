import { asRecord } from '../../ledger/entry/as-record.ts'
import { problemAt } from './filters-in-file.ts'
import type { WrittenFilter } from './filters-in-file.ts'

/** A key that two filters of a set must not share. */
interface Identity {
  readonly path: 'name' | 'priority'
  /** Undefined for a filter that has none. */
  readonly keyOf: (payload: Readonly<Record<string, unknown>>) => string | undefined
  readonly message: (payload: Readonly<Record<string, unknown>>, place: string) => string
}

const NAME: Identity = {
  path: 'name',
  keyOf: ({ name, filter_type: type }) =>
    typeof name === 'string' ? JSON.stringify([type ?? 'safety', name.normalize('NFC').trim()]) : undefined,
  message: ({ name }, place) =>
    `the name ${String(name).trim().slice(0, 128)} is that of the filter at ${place}: rename one`,
}

const PRIORITY: Identity = {
  path: 'priority',
  keyOf: ({ priority }) => (typeof priority === 'number' ? String(priority) : undefined),
  message: ({ priority }, place) =>
    `priority ${String(priority)} is that of the filter at ${place}: choose another, or auto`,
}

/** What the filters of a set have in common and must not: names within a type, and priorities that are given. */
export function checkSet(
  filters: readonly WrittenFilter[],
  { equalPriorities }: { readonly equalPriorities: 'refuse' | 'allow' },
): readonly string[] {
  const identities = equalPriorities === 'refuse' ? [NAME, PRIORITY] : [NAME]
  return identities.flatMap((identity) => sharedBy(filters, identity))
}

function sharedBy(filters: readonly WrittenFilter[], { path, keyOf, message }: Identity): readonly string[] {
  const first = new Map<string, WrittenFilter>()
  return filters.flatMap((filter) => {
    const payload = asRecord(filter.payload)
    const key = keyOf(payload)
    if (key === undefined) return []
    const other = first.get(key)
    if (!other) {
      first.set(key, filter)
      return []
    }
    const { line, column } = other.locate(path)
    return [problemAt(filter.file, filter.locate(path), message(payload, `${other.file}:${line}:${column}`))]
  })
}
