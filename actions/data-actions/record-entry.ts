import { hash } from 'node:crypto'
import { canonicalJson } from '../../ledger/entry/canonical-json.ts'
import type { Append, EntryDraft, Json, Submission } from '../../ledger/entry/entry.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import { inputRefusal } from './input-refusal.ts'
import type { OutputField } from '../contract/action-contract.ts'
import type { Violation } from '../violation.ts'

/** The answer of an action that records one entry. Every field is always present. */
export interface RecordResult {
  readonly [field: string]: string | number | boolean | readonly string[]
  readonly status: 'recorded' | 'rejected'
  /** The id of the entry, empty when nothing was recorded. */
  readonly entryId: string
  /** -1 when nothing was recorded. */
  readonly entryIndex: number
  readonly duplicate: boolean
  readonly errorCode: string
  readonly message: string
  readonly violations: readonly string[]
}

export interface RecordRequest {
  readonly action: string
  readonly entry: EntryDraft
  /** The input as checked: what a repeated request is compared by. */
  readonly input: Json
  /** Makes the call idempotent, where given. */
  readonly requestId: string | undefined
  /** What to answer when that id was used before for another input. */
  readonly onReuse?: { readonly errorCode: string; readonly message: string }
}

const REQUEST_ID_REUSED = {
  errorCode: 'request_id_reused',
  message: 'this requestId was used before for another request; use a new one',
}

/** Appends an action's entry, once for each request id. */
export async function recordEntry(append: Append, request: RecordRequest): Promise<RecordResult> {
  const { action, entry, input, requestId, onReuse = REQUEST_ID_REUSED } = request
  const bodyHash = hash('sha256', canonicalJson(input), 'hex')
  const dedupe = { source: `action:${action}`, eventId: requestId ?? '', bodyHash }
  const submission: Submission = requestId === undefined ? { entry } : { entry, dedupe }
  try {
    const { id, index, duplicate } = await append(submission)
    return {
      status: 'recorded',
      entryId: id,
      entryIndex: index,
      duplicate,
      errorCode: '',
      message: '',
      violations: [],
    }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    if (error.code === 'dedupe-conflict') return refusedRecord(onReuse.errorCode, onReuse.message)
    // A lone surrogate, say: no entry can hold it, and asking again will not help.
    if (error.code === 'entry-invalid' || error.code === 'entry-too-large')
      return refusedRecord('input_invalid', error.message)
    throw error
  }
}

export function refusedRecord(errorCode: string, message: string): RecordResult {
  return { ...NOTHING_RECORDED, errorCode, message }
}

/** The refusal of an input that breaks its contract. */
export function invalidInput(violations: readonly Violation[]): RecordResult {
  return { ...NOTHING_RECORDED, ...inputRefusal(violations) }
}

const NOTHING_RECORDED = {
  status: 'rejected',
  entryId: '',
  entryIndex: -1,
  duplicate: false,
  violations: [],
} as const

/** What an action that records one entry answers. */
export const RECORD_OUTPUT: Readonly<Record<string, OutputField>> = {
  status: ['string', 'What became of it'],
  errorCode: ['string', 'Stable, for decisions in a flow; empty when all went well'],
  message: ['string', 'For people: what is wrong, and what to do'],
  entryId: ['string', 'The entry of the ledger; empty when nothing was recorded'],
  entryIndex: ['integer', 'The place of that entry in the ledger; -1 when nothing was recorded', -1],
  duplicate: ['boolean', 'True when it was recorded before, under the same id'],
  violations: ['texts', 'Each broken rule as `path: message`'],
}

export const RECORD_STATUSES = {
  recorded: 'it is in the ledger, on disk',
  rejected: '`errorCode` says why; nothing was recorded',
} as const

export const RECORD_REFUSALS = {
  input_invalid: '`violations` lists every input that is wrong',
  request_id_reused: REQUEST_ID_REUSED.message,
} as const
