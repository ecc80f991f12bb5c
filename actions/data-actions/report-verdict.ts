import { IsIn, IsOptional, IsString, IsUUID, Length, Matches } from 'class-validator'
import type { Append, Entry, JsonObject } from '../../ledger/entry/entry.ts'
import { VERDICTS } from '../../ledger/projections/filter-metrics.ts'
import type { Verdict } from '../../ledger/projections/filter-metrics.ts'
import { validateInput } from '../validate.ts'
import { callerOf } from './action.ts'
import type { DataAction } from './action.ts'
import { dropUnset } from './flat-input.ts'
import { invalidInput, recordEntry, refusedRecord } from './record-entry.ts'

class ReportVerdictInput {
  @IsUUID('all', { message: 'the entryId that record-block answered is expected' })
  blockId!: string

  @IsIn(VERDICTS, { message: `must be one of ${VERDICTS.join(', ')}` })
  verdict!: Verdict

  @IsString({ message: 'a text is expected' })
  @Length(1, 128, { message: '1 to 128 characters are expected' })
  reviewerId!: string

  @IsOptional()
  @Matches(/^[A-Za-z0-9._-]{1,64}$/, { message: '1 to 64 letters, digits, and . _ - are expected' })
  rationaleCode?: string

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
