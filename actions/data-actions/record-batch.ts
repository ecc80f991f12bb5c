import type { Append } from '../../ledger/entry/entry.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import type { ActionContext } from './action.ts'
import { refusedRecord } from './record-entry.ts'
import { recordFact } from './record-fact.ts'
import type { FactReader, FactResult } from './record-fact.ts'

/** One item of a batch, as the receiver read it. */
export type BatchItem =
  | { readonly line: number; readonly input: unknown }
  /** Why it is no JSON value. */
  | { readonly line: number; readonly unreadable: string }

/** What became of one item. */
export interface ItemResult {
  /** The number of its line, or its place in the list; from 1. */
  readonly line: number
  /** `failed`: a fault of ours; the same item may be taken later. */
  readonly status: 'recorded' | 'rejected' | 'failed'
  readonly entryId: string
  readonly entryIndex: number
  readonly duplicate: boolean
  readonly errorCode: string
  readonly message: string
  readonly warning: string
  readonly violations: readonly string[]
}

export interface BatchResult {
  /** `recorded`: every item is in the ledger. `rejected`: every item was refused. `partial`: see the results. */
  readonly status: 'recorded' | 'partial' | 'rejected'
  /** Written now; what was there already is in `duplicates`. The four add up to the items. */
  readonly recorded: number
  readonly duplicates: number
  readonly rejected: number
  readonly failed: number
  /** In the order of the items. */
  readonly results: readonly ItemResult[]
}

/**
 * Records the items of a batch, each by itself: one that is refused keeps no other out.
 *
 * @throws LedgerError when the ledger took none of them, and may take all later
 */
export type BatchAction = (items: readonly BatchItem[], context: ActionContext) => Promise<BatchResult>

/** Makes the batch form of an action that records facts. */
export function batchAction(append: Append, read: FactReader): BatchAction {
  return async (items, context) => {
    const outcomes = await Promise.all(items.map((item) => recordItem(append, read, item, context)))
    const faults = outcomes.filter((outcome) => outcome instanceof LedgerError)
    const [fault] = faults
    if (fault && faults.length === items.length) throw fault
    return summary(outcomes.map((outcome, i) => resultOf(items[i]?.line ?? i + 1, outcome)))
  }
}

async function recordItem(
  append: Append,
  read: FactReader,
  item: BatchItem,
  context: ActionContext,
): Promise<FactResult | LedgerError> {
  if ('unreadable' in item) return rejection('json_invalid', item.unreadable)
  try {
    const fact = read(item.input, context)
    if (fact.ok && fact.request.requestId === undefined)
      return rejection('request_id_missing', REQUEST_ID_MISSING)
    return await recordFact(append, fact)
  } catch (error) {
    // A bug of ours ends the whole batch: it can be sent again, since each item has its id.
    if (error instanceof LedgerError && FAULTS[error.code] !== undefined) return error
    if (error instanceof LedgerError && error.retryable) return error
    throw error
  }
}

const REQUEST_ID_MISSING =
  'in a batch each item needs a requestId of its own: who gets no answer sends the whole batch again'

function rejection(errorCode: string, message: string): FactResult {
  return { ...refusedRecord(errorCode, message), warning: '' }
}

function resultOf(line: number, outcome: FactResult | LedgerError): ItemResult {
  if (outcome instanceof LedgerError) {
    const message = FAULTS[outcome.code] ?? 'the ledger did not take it now: send it again, as it is'
    return { line, ...rejection(outcome.code, message), status: 'failed' }
  }
  return { line, ...outcome }
}

/** Faults that no second try heals before somebody acts. */
const FAULTS: Readonly<Partial<Record<LedgerError['code'], string>>> = {
  'archive-damaged': 'the archive that it refers to is damaged here: tell the operator, then send it again',
}

function summary(results: readonly ItemResult[]): BatchResult {
  const count = (status: ItemResult['status']): number =>
    results.filter((result) => result.status === status).length
  const [stored, rejected, failed] = [count('recorded'), count('rejected'), count('failed')]
  const duplicates = results.filter(({ duplicate }) => duplicate).length
  return {
    status: stored === results.length ? 'recorded' : rejected === results.length ? 'rejected' : 'partial',
    recorded: stored - duplicates,
    duplicates,
    rejected,
    failed,
    results,
  }
}
