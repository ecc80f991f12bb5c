import { IsOptional, IsString, IsUUID, Matches } from 'class-validator'
import { isOneOf } from '../../ledger/entry/is-one-of.ts'
import { LABELS } from '../../ledger/metrics/words.ts'
import type { Label } from '../../ledger/metrics/words.ts'
import { dropUnset } from '../data-actions/flat-input.ts'
import { invalidInput, refusedRecord } from '../data-actions/record-entry.ts'
import type { RecordResult } from '../data-actions/record-entry.ts'
import { validateInput } from '../validate.ts'

/** An id: it is compared letter by letter, so that a blank more would be another reviewer. */
export const REVIEWER = /^[A-Za-z0-9._:@-]{1,128}$/
export const REVIEWER_RULE = '1 to 128 letters, digits, and . _ : @ - are expected: an id, never a name'

class LabelInput {
  @IsUUID('all', { message: 'the reviewId that the queue handed out is expected' })
  reviewId!: string

  @IsString({ message: `one of ${LABELS.join(', ')} is expected` })
  label!: string

  @Matches(REVIEWER, { message: REVIEWER_RULE })
  reviewer!: string

  @IsOptional()
  @Matches(/^[A-Za-z0-9._-]{1,64}$/, { message: '1 to 64 letters, digits, and . _ - are expected' })
  rationaleCode?: string

  @IsOptional()
  @Matches(/^[A-Za-z0-9._-]{1,64}$/, { message: '1 to 64 letters, digits, and . _ - are expected' })
  guidelineVersion?: string

  @IsOptional()
  @Matches(/^[A-Za-z0-9._:-]{1,128}$/, { message: '1 to 128 letters, digits, and . _ : - are expected' })
  requestId?: string
}

/** A label as it was checked. */
export type AskedLabel = Omit<LabelInput, 'label'> & { readonly label: Label }

/** @returns the label, or its refusal */
export function readLabel(rawInput: unknown): AskedLabel | RecordResult {
  const parsed = validateInput(LabelInput, dropUnset(rawInput))
  if (!parsed.ok) return invalidInput(parsed.violations)
  const { label, ...rest } = parsed.value
  if (!isOneOf(LABELS, label))
    return refusedRecord('label_invalid', `label must be one of ${LABELS.join(', ')}`)
  return { ...rest, label }
}
