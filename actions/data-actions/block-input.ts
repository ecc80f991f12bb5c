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
import { isRfc3339Utc } from '../../ledger/entry/seal-entry.ts'
import { MIN_RATE } from '../../ledger/metrics/sampling-plan.ts'
import { ACTIONS_TAKEN } from '../../ledger/metrics/words.ts'
import type { ActionTaken } from '../../ledger/metrics/words.ts'
import { Told } from '../contract/told.ts'
import { CATEGORIES } from '../filter/filter-spec.ts'
import type { Category } from '../filter/filter-spec.ts'
import { validateInput } from '../validate.ts'
import type { Parsed } from '../violation.ts'
import { dropUnset } from './flat-input.ts'

const oneOf = (values: readonly string[]) => ({ message: `must be one of ${values.join(', ')}` })
const share = { allowNaN: false, allowInfinity: false }
const WHOLE = Number.MAX_SAFE_INTEGER

/** Whether it was what a person wrote (`input`) or a model (`output`). */
export const DIRECTIONS = ['input', 'output'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** What they have the form of, for those who check without class-validator. */
export const LANGUAGE_TAG = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/
export const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/
/** No spaces: a pointer has none, and a text can hardly do without. */
export const CONTENT_REF = /^[\x21-\x7e]{1,256}$/

/** What `record-block` takes. `quickBlock` accepts the same: a rule that changes here changes there. */
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
  @Max(WHOLE, { message: `must be at most ${WHOLE}` })
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
  direction!: Direction

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
  @Matches(LANGUAGE_TAG, { message: 'a language tag such as en-US is expected' })
  language?: string

  @Told('The conversation; only a keyed hash of it is kept, never the id')
  @IsOptional()
  @IsString({ message: 'a text is expected' })
  @MaxLength(128, { message: 'at most 128 characters' })
  conversationId?: string

  @Told('Where a reviewer finds the text: a pointer of your own, never the text')
  @IsOptional()
  @Matches(CONTENT_REF, {
    message: '1 to 256 printable ASCII characters without spaces are expected: a pointer, never the text',
  })
  contentRef?: string

  @Told('The share of such decisions that you record, for passes say; else 1, which is all of them', {
    example: 0.01,
  })
  @IsOptional()
  @IsNumber(share, { message: `a number from ${MIN_RATE} to 1 is expected` })
  @Min(MIN_RATE, { message: `must be at least ${MIN_RATE}` })
  @Max(1, { message: 'must be at most 1' })
  sampleRate?: number

  @Told('An id of your own for this block: sent twice, it is recorded once', { example: 'blk-0001' })
  @IsOptional()
  @Matches(REQUEST_ID, { message: '1 to 128 letters, digits, and . _ : - are expected' })
  requestId?: string

  @Told('When it happened: RFC 3339, UTC; else when it arrived')
  @IsOptional()
  @IsDateString({ strict: true }, { message: 'an RFC 3339 time in UTC is expected' })
  occurredAt?: string
}

/** A checked input; what was not set is undefined. */
export type BlockFacts = { readonly [K in keyof Required<RecordBlockInput>]: RecordBlockInput[K] }

/** Checks an input by every rule. */
export function parseBlock(rawInput: unknown): Parsed<BlockFacts> {
  const parsed = validateInput(RecordBlockInput, dropUnset(rawInput))
  if (!parsed.ok) return parsed
  const { occurredAt } = parsed.value
  if (occurredAt === undefined || isRfc3339Utc(occurredAt))
    return { ok: true, value: parsed.value as BlockFacts }
  const message = 'an RFC 3339 time in UTC is expected'
  return { ok: false, violations: [{ path: 'occurredAt', code: 'rfc3339', message }] }
}
