import type { FilterRecords, KnownFilter } from '../../ledger/projections/filter-records.ts'

export type Found =
  | { readonly kind: 'found'; readonly filter: KnownFilter }
  | { readonly kind: 'unknown'; readonly errorCode: string; readonly message: string }

/** The filter that a flow means by its name or its id, as the ledger knows it: a live one before a removed one. */
export function knownFilter(records: Pick<FilterRecords, 'get' | 'byName'>, nameOrId: string): Found {
  const byId = records.get(nameOrId)
  if (byId) return { kind: 'found', filter: byId }
  const named = records.byName(nameOrId)
  const live = named.filter(({ deleted }) => !deleted)
  if (live.length > 1) {
    const ids = live.map(({ filterId }) => filterId).join(', ')
    return {
      kind: 'unknown',
      errorCode: 'filter_ambiguous',
      message: `several filters are called ${nameOrId}: name one of ${ids}`,
    }
  }
  const [filter] = named
  if (filter) return { kind: 'found', filter }
  const message = `the ledger knows no filter ${nameOrId}: deploy it, or let its webhooks come here`
  return { kind: 'unknown', errorCode: 'filter_unknown', message }
}
