import { IsIn, IsOptional, IsString, IsUUID, Length, Matches } from 'class-validator'
import type { Append, Entry, JsonObject } from '../../ledger/entry/entry.ts'
import { isOneOf } from '../../ledger/entry/is-one-of.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import { ACTIONS_TAKEN, fitsSide, sideOf, VERDICTS } from '../../ledger/metrics/words.ts'
import type { Verdict } from '../../ledger/metrics/words.ts'
import type { ActionContract } from '../contract/action-contract.ts'
import { Told } from '../contract/told.ts'
import { validateInput } from '../validate.ts'
import { callerOf } from './action.ts'
import type { DataAction } from './action.ts'
import { REQUEST_ID } from './block-input.ts'
import { NO_WARNING } from './filter-warning.ts'
import { dropUnset } from './flat-input.ts'
import {
  invalidInput,
  RECORD_OUTPUT,
  RECORD_REFUSALS,
  RECORD_STATUSES,
  recordEntry,
  refusedRecord,
} from './record-entry.ts'
import type { FactReader } from './record-fact.ts'

export class ReportVerdictInput {
  @Told('The decision: the entryId that record-block answered', {
    example: '019b3e7c-52c7-7d1e-8f2a-3b4c5d6e7f80',
  })
  @IsUUID('all', { message: 'the entryId that record-block answered is expected' })
  blockId!: string

  @Told('What the reviewer found', { example: 'false_positive' })
  @IsIn(VERDICTS, { message: `must be one of ${VERDICTS.join(', ')}` })
  verdict!: Verdict

  @Told('Who reviewed: an id, never a name', { example: 'reviewer-7' })
  @IsString({ message: 'a text is expected' })
  @Length(1, 128, { message: '1 to 128 characters are expected' })
  reviewerId!: string

  @Told('Why, as a code of your own', { example: 'quoted-policy-text' })
  @IsOptional()
  @Matches(/^[A-Za-z0-9._-]{1,64}$/, { message: '1 to 64 letters, digits, and . _ - are expected' })
  rationaleCode?: string

  @Told('An id of your own for this verdict: sent twice, it is recorded once', { example: 'vdt-0001' })
  @IsOptional()
  @Matches(REQUEST_ID, { message: '1 to 128 letters, digits, and . _ : - are expected' })
  requestId?: string
}

export interface ReportVerdictDeps {
  readonly append: Append
  /** Reads an entry by its id. @throws LedgerError when it stands in an archive that cannot be read */
  readonly findEntry: (id: string) => Entry | undefined
}

/** Report Block Verdict: what a reviewer found. A later verdict supersedes; all stay in the ledger. */
export function reportVerdictAction(deps: ReportVerdictDeps): DataAction {
  const read = verdictReader(deps)
  return async (rawInput, context) => {
    const fact = read(rawInput, context)
    return fact.ok ? recordEntry(deps.append, fact.request) : fact.refusal
  }
}

/** Reads what Report Block Verdict is given, one verdict at a time. It may throw what `findEntry` does. */
export function verdictReader({ findEntry }: Omit<ReportVerdictDeps, 'append'>): FactReader {
  return (rawInput, context) => {
    const parsed = validateInput(ReportVerdictInput, dropUnset(rawInput))
    if (!parsed.ok) return { ok: false, refusal: invalidInput(parsed.violations) }
    const { requestId, ...facts } = parsed.value
    const block = decisionOf(findEntry, facts.blockId)
    if (typeof block === 'string') return refusal(block)
    const fault = verdictFault(facts.verdict, block)
    if (fault !== undefined) return refusal(fault)
    const { filterId, filterVersion, category, actionTaken } = block
    const data: JsonObject = { ...facts, filterId, filterVersion, category, actionTaken }
    return {
      ok: true,
      request: {
        action: 'report-verdict',
        requestId,
        input: data,
        entry: {
          type: 'block.reviewed',
          ...callerOf(context),
          entity: { type: 'block', id: facts.blockId },
          action: 'review',
          status: 'SUCCESS',
          data,
        },
      },
      warning: NO_WARNING,
    }
  }
}

const REFUSALS = {
  unknown_block: 'no decision has this id: give the entryId that record-block answered',
  block_archived:
    'the decision stands in an archive that is not here: ask the operator to put it back, then send the verdict again',
  not_reviewable:
    'this was an error block or a bypass: the filter decided nothing, so there is nothing to review',
  verdict_of_passed:
    'what was passed is false_negative when it should have been stopped, true_negative when not, or unclear',
  verdict_of_block:
    'what was blocked, redacted or flagged is true_positive when rightly so, false_positive when not, or unclear',
} as const
type VerdictRefusal = keyof typeof REFUSALS

function refusal(errorCode: VerdictRefusal) {
  return { ok: false, refusal: refusedRecord(errorCode, REFUSALS[errorCode]) } as const
}

function decisionOf(
  findEntry: ReportVerdictDeps['findEntry'],
  blockId: string,
): JsonObject | 'unknown_block' | 'block_archived' {
  try {
    const entry = findEntry(blockId)
    return entry?.type === 'block.recorded' ? entry.data : 'unknown_block'
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'entry-archived') return 'block_archived'
    throw error
  }
}

/** Why a decision has no such verdict. */
function verdictFault(verdict: Verdict, { actionTaken }: JsonObject): VerdictRefusal | undefined {
  const side = isOneOf(ACTIONS_TAKEN, actionTaken) ? sideOf(actionTaken) : undefined
  if (side === undefined) return 'not_reviewable'
  if (fitsSide(verdict, side)) return undefined
  return side === 'pass' ? 'verdict_of_passed' : 'verdict_of_block'
}

export const reportVerdictContract: ActionContract = {
  input: ReportVerdictInput,
  takesMany: true,
  output: RECORD_OUTPUT,
  statuses: RECORD_STATUSES,
  refusals: { ...RECORD_REFUSALS, ...REFUSALS },
}
