import type { ActionContract } from '../contract/action-contract.ts'
import { createHmac } from 'node:crypto'
import {
  IsDateString,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator'
import type { Append, JsonObject } from '../../ledger/entry/entry.ts'
import { ACTIONS_TAKEN } from '../../ledger/metrics/words.ts'
import type { ActionTaken } from '../../ledger/metrics/words.ts'
import { isRfc3339Utc } from '../../ledger/entry/seal-entry.ts'
import { Told } from '../contract/told.ts'
import { CATEGORIES } from '../filter/filter-spec.ts'
import type { Category } from '../filter/filter-spec.ts'
import { validateInput } from '../validate.ts'
import { callerOf } from './action.ts'
import type { DataAction } from './action.ts'
import { dropUnset } from './flat-input.ts'
import { invalidInput, RECORD_OUTPUT, RECORD_REFUSALS, RECORD_STATUSES, recordEntry } from './record-entry.ts'

const oneOf = (values: readonly string[]) => ({ message: `must be one of ${values.join(', ')}` })
const share = { allowNaN: false, allowInfinity: false }
const DIRECTIONS = ['input', 'output'] as const

export class RecordBlockInput {
  @Told('The id of the filter that intervened', { example: '5b0e6a34-2d4e-4a6f-9d3e-6f1c2b7a8d90' })
  @IsString({ message: 'a text is expected' })
  @Length(1, 128, { message: '1 to 128 characters are expected' })
  filterId!: string

  @Told('Its name, where known')
  @IsOptional()
  @IsString({ message: 'a text is expected' })
  @MaxLength(128, { message: 'at most 128 characters' })
  filterName?: string

  @Told('The version of the filter that was at work')
  @IsOptional()
  @IsInt({ message: 'a whole number is expected' })
  @Min(1, { message: 'must be at least 1' })
  filterVersion?: number

  @Told('What it found', { example: 'pii' })
  @IsIn(CATEGORIES, oneOf(CATEGORIES))
  category!: Category

  @Told('How sure it was', { example: 0.97 })
  @IsNumber(share, { message: 'a number from 0 to 1 is expected' })
  @Min(0, { message: 'must be at least 0' })
  @Max(1, { message: 'must be at most 1' })
  score!: number

  @Told('The threshold that the score was held against', { example: 0.92 })
  @IsNumber(share, { message: 'a number from 0 to 1 is expected' })
  @Min(0, { message: 'must be at least 0' })
  @Max(1, { message: 'must be at most 1' })
  threshold!: number

  @Told('What was done with the text', { example: 'blocked' })
  @IsIn(ACTIONS_TAKEN, oneOf(ACTIONS_TAKEN))
  actionTaken!: ActionTaken

  @Told('Whether it was what a person wrote (input) or a model (output)', { example: 'output' })
  @IsIn(DIRECTIONS, oneOf(DIRECTIONS))
  direction!: (typeof DIRECTIONS)[number]

  @Told('The channel, such as webmessaging', { example: 'webmessaging' })
  @IsOptional()
  @IsString({ message: 'a text is expected' })
  @MaxLength(64, { message: 'at most 64 characters' })
  channel?: string

  @Told('The queue of the conversation')
  @IsOptional()
  @IsString({ message: 'a text is expected' })
  @MaxLength(128, { message: 'at most 128 characters' })
  queueId?: string

  @Told('The language of the text, such as en-US', { example: 'en-US' })
  @IsOptional()
  @Matches(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, { message: 'a language tag such as en-US is expected' })
  language?: string

  @Told('The conversation; only a keyed hash of it is kept, never the id')
  @IsOptional()
  @IsString({ message: 'a text is expected' })
  @MaxLength(128, { message: 'at most 128 characters' })
  conversationId?: string

  @Told('An id of your own for this block: sent twice, it is recorded once', { example: 'blk-0001' })
  @IsOptional()
  @Matches(/^[A-Za-z0-9._:-]{1,128}$/, { message: '1 to 128 letters, digits, and . _ : - are expected' })
  requestId?: string

  @Told('When it happened: RFC 3339, UTC; else when it arrived')
  @IsOptional()
  @IsDateString({ strict: true }, { message: 'an RFC 3339 time in UTC is expected' })
  occurredAt?: string
}

export interface RecordBlockDeps {
  readonly append: Append
  /** Turns conversation ids into references that nobody can turn back without it. */
  readonly referenceKey: Uint8Array
}

/** Record Filter Block: one intervention of a filter. The conversation's id is never stored as it is. */
export function recordBlockAction({ append, referenceKey }: RecordBlockDeps): DataAction {
  return async (rawInput, context) => {
    const parsed = validateInput(RecordBlockInput, dropUnset(rawInput))
    if (!parsed.ok) return invalidInput(parsed.violations)
    const { requestId, occurredAt, conversationId, ...facts } = parsed.value
    if (occurredAt !== undefined && !isRfc3339Utc(occurredAt)) {
      return invalidInput([
        { path: 'occurredAt', code: 'rfc3339', message: 'an RFC 3339 time in UTC is expected' },
      ])
    }
    const conversationRef = conversationId === undefined ? undefined : reference(referenceKey, conversationId)
    const data: JsonObject = { ...facts, conversationRef }
    return recordEntry(append, {
      action: 'record-block',
      requestId,
      input: { ...data, occurredAt },
      entry: {
        type: 'block.recorded',
        ...(occurredAt !== undefined && { occurredAt }),
        ...callerOf(context),
        entity: {
          type: 'filter',
          id: facts.filterId,
          ...(facts.filterName !== undefined && { name: facts.filterName }),
        },
        action: 'record-block',
        status: 'SUCCESS',
        data,
      },
    })
  }
}

/** HMAC-SHA-256, hex: the same conversation has the same reference, and nobody can guess ids against it. */
function reference(key: Uint8Array, id: string): string {
  return createHmac('sha256', key).update(id).digest('hex')
}

export const recordBlockContract: ActionContract = {
  input: RecordBlockInput,
  output: RECORD_OUTPUT,
  statuses: RECORD_STATUSES,
  refusals: { ...RECORD_REFUSALS },
}
