import type { OutputField } from '../contract/action-contract.ts'
import type { Append } from '../../ledger/entry/entry.ts'
import type { ActionContext, DataAction } from './action.ts'
import { NO_WARNING, WARNING_WORDS } from './filter-warning.ts'
import type { Warning } from './filter-warning.ts'
import { RECORD_OUTPUT, recordEntry, refusedRecord } from './record-entry.ts'
import type { RecordRequest, RecordResult } from './record-entry.ts'

/** What an input comes to: one entry to append, or a refusal. */
export type ReadFact =
  | { readonly ok: true; readonly request: RecordRequest; readonly warning: Warning }
  | { readonly ok: false; readonly refusal: RecordResult }

/** Reads one input. It appends nothing. */
export type FactReader = (rawInput: unknown, context: ActionContext) => ReadFact

/** The answer of an action that records one fact. Every field is always present. */
export interface FactResult extends RecordResult {
  readonly warning: string
}

/** Appends what was read. @throws LedgerError for a fault of ours: the same call may succeed later */
export async function recordFact(append: Append, fact: ReadFact): Promise<FactResult> {
  if (!fact.ok) return withWarning(fact.refusal, NO_WARNING)
  const result = await recordEntry(append, fact.request)
  return withWarning(result, result.status === 'recorded' ? fact.warning : NO_WARNING)
}

function withWarning(result: RecordResult, warning: Warning): FactResult {
  const { status, entryId, entryIndex, duplicate, errorCode, violations } = result
  const message = result.message === '' ? warning.message : result.message
  return { status, entryId, entryIndex, duplicate, errorCode, message, violations, warning: warning.code }
}

/** The action that records one fact. */
export function factAction(append: Append, read: FactReader): DataAction {
  // Inside of a promise, so that what reading throws is a rejection.
  return async (rawInput, context) => recordFact(append, read(rawInput, context))
}

export const FACT_OUTPUT: Readonly<Record<string, OutputField>> = {
  ...RECORD_OUTPUT,
  message: ['string', 'For people: what is wrong, or odd, and what to do'],
  warning: ['string', WARNING_WORDS],
}

/** How far a sender's clock may be ahead of ours, in milliseconds. */
const CLOCK_TOLERANCE_MS = 5 * 60_000

/** The refusal of a time that has not come; undefined for one that may have. @param time RFC 3339, UTC */
export function clockRefusal(name: string, time: string, now: Date): RecordResult | undefined {
  if (Date.parse(time) <= now.getTime() + CLOCK_TOLERANCE_MS) return undefined
  return refusedRecord(
    'clock_ahead',
    `${name} is ${time}, and it is ${now.toISOString()} here: more than 5 minutes ahead; check the clock of the sender, and send it again`,
  )
}

export const CLOCK_REFUSALS = {
  clock_ahead:
    'the time given is more than 5 minutes ahead of ours: check the clock of the sender, and send it again',
} as const
