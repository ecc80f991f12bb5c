import type { ActionContract } from '../contract/action-contract.ts'
import { IsIn, IsOptional, IsString, IsUUID, Length, Matches } from 'class-validator'
import type { Append, Entry, JsonObject } from '../../ledger/entry/entry.ts'
import { VERDICTS } from '../../ledger/metrics/words.ts'
import type { Verdict } from '../../ledger/metrics/words.ts'
import { Told } from '../contract/told.ts'
import { validateInput } from '../validate.ts'
import { callerOf } from './action.ts'
import type { DataAction } from './action.ts'
import { dropUnset } from './flat-input.ts'
import {
  invalidInput,
  RECORD_OUTPUT,
  RECORD_REFUSALS,
  RECORD_STATUSES,
  recordEntry,
  refusedRecord,
} from './record-entry.ts'

export class ReportVerdictInput {
  @Told('The block: the entryId that record-block answered', {
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
  @Matches(/^[A-Za-z0-9._:-]{1,128}$/, { message: '1 to 128 letters, digits, and . _ : - are expected' })
  requestId?: string
}

export interface ReportVerdictDeps {
  readonly append: Append
  /** Reads an entry by its id. */
  readonly findEntry: (id: string) => Entry | undefined
}

/** Report Block Verdict: what a reviewer found. A later verdict supersedes; all stay in the ledger. */
export function reportVerdictAction({ append, findEntry }: ReportVerdictDeps): DataAction {
  return async (rawInput, context) => {
    const parsed = validateInput(ReportVerdictInput, dropUnset(rawInput))
    if (!parsed.ok) return invalidInput(parsed.violations)
    const { requestId, ...facts } = parsed.value
    const block = findEntry(facts.blockId)
    if (block?.type !== 'block.recorded') {
      return refusedRecord(
        'unknown_block',
        'no block has this id; give the entryId that record-block answered',
      )
    }
    const { filterId, filterVersion, category, actionTaken } = block.data
    const data: JsonObject = { ...facts, filterId, filterVersion, category, actionTaken }
    return recordEntry(append, {
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
    })
  }
}

export const reportVerdictContract: ActionContract = {
  input: ReportVerdictInput,
  output: RECORD_OUTPUT,
  statuses: RECORD_STATUSES,
  refusals: {
    ...RECORD_REFUSALS,
    unknown_block: 'no block has this id: give the entryId that record-block answered',
  },
}
