import type { Entry, JsonObject } from '../../ledger/entry/entry.ts'
import type { Decision } from '../../ledger/metrics/metrics-reader.ts'
import type { ActionTaken, ReviewRole, Verdict } from '../../ledger/metrics/words.ts'
import type { RecordResult } from '../data-actions/record-entry.ts'

/** What was hidden until the label. */
export interface Revealed {
  readonly filterId: string
  readonly filterName: string | null
  readonly filterVersion: number | null
  readonly category: string
  readonly score: number
  readonly threshold: number
  readonly actionTaken: ActionTaken
}

export interface LabelResult {
  readonly status: RecordResult['status']
  readonly errorCode: string
  readonly message: string
  readonly violations: readonly string[]
  readonly entryId: string
  readonly entryIndex: number
  readonly duplicate: boolean
  /** What the label came to; null, as the next ones, when nothing was recorded. */
  readonly verdict: Verdict | null
  readonly role: ReviewRole | null
  readonly decision: Revealed | null
}

/** An entry that says what a reviewer found. */
export interface Said {
  readonly id: string
  readonly index: number
  readonly data: JsonObject
}

/** What was decided, and the entry that says so. */
export interface Decided {
  readonly decision: Decision
  readonly entry: Entry
  /** As it is called now; null where nobody told. */
  readonly filterName: string | null
}

/** The answer to a label that is in the ledger, with what was hidden of the decision. */
export function recorded({ id, index, data }: Said, duplicate: boolean, decided: Decided): LabelResult {
  return {
    status: 'recorded',
    errorCode: '',
    message: '',
    violations: [],
    entryId: id,
    entryIndex: index,
    duplicate,
    verdict: data['verdict'] as Verdict,
    role: data['role'] as ReviewRole,
    decision: revealed(decided),
  }
}

function revealed({ decision, filterName }: Decided): Revealed {
  const { filterId, version, category, score, threshold, action } = decision
  return {
    filterId,
    filterName,
    filterVersion: version === 0 ? null : version,
    category,
    score,
    threshold,
    actionTaken: action,
  }
}

export function rejected({ errorCode, message, violations }: RecordResult): LabelResult {
  return {
    status: 'rejected',
    errorCode,
    message,
    violations,
    entryId: '',
    entryIndex: -1,
    duplicate: false,
    verdict: null,
    role: null,
    decision: null,
  }
}
