import type { Entry } from '../../../ledger/entry/entry.ts'
import { parseStored, scanEntries } from '../../../ledger/store/entry-reader.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { openTempLedger } from '../../support/temp-ledger.ts'

export interface ActionLedger {
  readonly ledger: Ledger
  /** As they stand in it now. */
  readonly entries: readonly Entry[]
}

/** A real ledger, and what stands in it. */
export async function openActionLedger(): Promise<ActionLedger> {
  const ledger = await openTempLedger()
  return {
    ledger,
    get entries() {
      return [...scanEntries(ledger.reader, 0, ledger.reader.size())].map(parseStored)
    },
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
