import type { Entry } from '../../../ledger/entry/entry.ts'
import { filterRecords } from '../../../ledger/projections/filter-records.ts'
import type { FilterRecords } from '../../../ledger/projections/filter-records.ts'
import { parseStored, scanEntries } from '../../../ledger/store/entry-reader.ts'
import type { Ledger, LedgerOptions } from '../../../ledger/store/open-ledger.ts'
import { openTempLedger } from '../../support/temp-ledger.ts'

export interface ActionLedger {
  readonly ledger: Ledger
  /** As they stand in it now. */
  readonly entries: readonly Entry[]
  /** What it knows of filters. */
  readonly filters: FilterRecords
}

/** A real ledger, and what stands in it. */
export async function openActionLedger(options: Partial<LedgerOptions> = {}): Promise<ActionLedger> {
  const filters = filterRecords()
  const ledger = await openTempLedger({ projections: [filters.apply], ...options })
  return {
    ledger,
    filters,
    get entries() {
      return [...scanEntries(ledger.reader, 0, ledger.reader.size())].map(parseStored)
    },
  }
}

/** What the recording of blocks needs. */
export function blockDeps({ ledger, filters }: ActionLedger) {
  return {
    append: ledger.append,
    filters,
    referenceKey: new Uint8Array(32).fill(7),
    now: (): Date => new Date('2026-06-01T00:00:00Z'),
  }
}

export const context = {
  actor: { type: 'client', id: 'a-flow' },
  correlationId: 'c-1',
  organizationId: 'o-1',
} as const

/** A block as a flow reports it. */
export const block = {
  filterId: 'f-1',
  category: 'pii',
  score: 0.97,
  threshold: 0.92,
  actionTaken: 'blocked',
  direction: 'output',
} as const
