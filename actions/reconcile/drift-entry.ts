import type { EntryDraft, Json, JsonObject, PropertyChange } from '../../ledger/entry/entry.ts'
import type { OpenDrift } from '../../ledger/projections/filter-records.ts'
import type { Difference } from '../filter/compare-filters.ts'
import { recordedFilter } from '../filter/filter-body.ts'
import type { Drift } from './find-drift.ts'

const ACTOR = { type: 'system', id: 'filter-ledger' } as const

/** Entries of reconciling. */
export const driftEntry = {
  detected: (drift: Drift): EntryDraft => {
    const { live, expected, differences } = drift
    return {
      ...bare(drift, { id: drift.filterId, ...(drift.name !== '' && { name: drift.name }) }),
      ...(differences.length > 0 && { propertyChanges: differences.map(changeOf) }),
      data: {
        ...dataOf(drift),
        ...(live && { filter: recordedFilter(live) }),
        ...(expected && { expected }),
      },
    }
  },
  /** Without the filters: live data may be too large for an entry, or hold text that no entry can. */
  reduced: (drift: Drift): EntryDraft => ({
    ...bare(drift, { id: drift.filterId }),
    data: { ...dataOf(drift), omitted: ['filter', 'expected', 'propertyChanges'] },
  }),
  /** It is gone by itself: the filter is as expected again, or a webhook that was late has told of it. */
  resolved: ({ filterId, kind, digest }: OpenDrift, name: string | undefined): EntryDraft => ({
    ...bare({ filterId, kind }, { id: filterId, ...(name && { name }) }),
    status: 'SUCCESS',
    data: { filterId, kind, digest, resolved: true },
  }),
}

function bare(
  { kind, filterId }: Pick<Drift, 'kind' | 'filterId'>,
  entity: { readonly id: string; readonly name?: string },
): EntryDraft {
  return {
    type: 'drift.detected',
    actor: ACTOR,
    entity: { type: 'filter', ...entity },
    action: 'reconcile',
    status: 'WARNING',
    data: { filterId, kind },
  }
}

function dataOf({ filterId, kind, webhook, owned, digest }: Drift): JsonObject {
  return { filterId, kind, webhook, owned, digest }
}

/** As audit records write it: from what was expected to what was found. */
function changeOf({ path, wanted, found }: Difference): PropertyChange {
  return { property: path, oldValues: valuesOf(wanted), newValues: valuesOf(found) }
}

function valuesOf(text: string): readonly string[] {
  if (text === '') return []
  const value = JSON.parse(text) as Json
  return Array.isArray(value) ? value.map(plain) : [plain(value)]
}

function plain(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
