import { IsIn, IsInt, IsOptional, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator'
import type { Append, JsonObject } from '../../ledger/entry/entry.ts'
import { isRfc3339Utc } from '../../ledger/entry/seal-entry.ts'
import type { FilterRecords } from '../../ledger/projections/filter-records.ts'
import type { ActionContract } from '../contract/action-contract.ts'
import { Told } from '../contract/told.ts'
import { CATEGORIES } from '../filter/filter-spec.ts'
import type { Category } from '../filter/filter-spec.ts'
import { validateInput } from '../validate.ts'
import type { Violation } from '../violation.ts'
import { callerOf } from './action.ts'
import { REQUEST_ID } from './block-input.ts'
import { filterWarning } from './filter-warning.ts'
import { dropUnset } from './flat-input.ts'
import { invalidInput, RECORD_REFUSALS, RECORD_STATUSES } from './record-entry.ts'
import { CLOCK_REFUSALS, clockRefusal, FACT_OUTPUT } from './record-fact.ts'
import type { FactReader } from './record-fact.ts'

const WHOLE = Number.MAX_SAFE_INTEGER
const MAX_EVALUATIONS = 1_000_000_000
const TIME = 'an RFC 3339 time in UTC is expected'

export class RecordEvaluationsInput {
  @Told('The id of the filter', { example: '5b0e6a34-2d4e-4a6f-9d3e-6f1c2b7a8d90' })
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

  @Told('What it looked for', { example: 'pii' })
  @IsIn(CATEGORIES, { message: `must be one of ${CATEGORIES.join(', ')}` })
  category!: Category

  @Told('Where the period begins: RFC 3339, UTC', { example: '2026-01-31T12:00:00Z' })
  @IsString({ message: TIME })
  from!: string

  @Told('Where it ends, in the same UTC hour or else on the same UTC day; this instant is not part of it', {
    example: '2026-01-31T13:00:00Z',
  })
  @IsString({ message: TIME })
  to!: string

  @Told('How often it looked at a text in that time, whatever it then did', { example: 1250 })
  @IsInt({ message: 'a whole number is expected' })
  @Min(0, { message: 'must be at least 0' })
  @Max(MAX_EVALUATIONS, { message: `must be at most ${MAX_EVALUATIONS}` })
  evaluations!: number

  @Told('An id of your own for this count: sent twice, it is recorded once', { example: 'evl-2026-01-31-12' })
  @IsOptional()
  @Matches(REQUEST_ID, { message: '1 to 128 letters, digits, and . _ : - are expected' })
  requestId?: string
}

export interface RecordEvaluationsDeps {
  readonly append: Append
  readonly filters: Pick<FilterRecords, 'get'>
  readonly now: () => Date
}

/**
 * Reads what Record Filter Evaluations is given: how often a filter looked at a text in a period. Without it a share of
 * blocks has nothing to be a share of.
 */
export function evaluationsReader({ filters, now }: Omit<RecordEvaluationsDeps, 'append'>): FactReader {
  return (rawInput, context) => {
    const parsed = validateInput(RecordEvaluationsInput, dropUnset(rawInput))
    if (!parsed.ok) return { ok: false, refusal: invalidInput(parsed.violations) }
    const { requestId, ...facts } = parsed.value
    const violations = periodViolations(facts.from, facts.to)
    if (violations.length > 0) return { ok: false, refusal: invalidInput(violations) }
    const refusal = clockRefusal('to', facts.to, now())
    if (refusal) return { ok: false, refusal }
    const data: JsonObject = { ...facts }
    const { filterId, filterName } = facts
    return {
      ok: true,
      request: {
        action: 'record-evaluations',
        requestId,
        input: data,
        entry: {
          type: 'evaluations.recorded',
          ...callerOf(context),
          entity: { type: 'filter', id: filterId, ...(filterName !== undefined && { name: filterName }) },
          action: 'record-evaluations',
          status: 'SUCCESS',
          data,
        },
      },
      // A period that begins before the removal may have evaluations, whatever its end.
      warning: filterWarning(filters, filterId, facts.from),
    }
  }
}

const DAY_MS = 86_400_000

/** A period that is counted for one day alone, or for one hour of it, is never split between two. */
function periodViolations(from: string, to: string): readonly Violation[] {
  const odd = Object.entries({ from, to }).filter(([, time]) => !isRfc3339Utc(time))
  if (odd.length > 0) return odd.map(([path]) => ({ path, code: 'rfc3339', message: TIME }))
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  if (end <= begin) return [{ path: 'to', code: 'period', message: 'must be later than from' }]
  if (Math.floor(begin / DAY_MS) === Math.floor((end - 1) / DAY_MS)) return []
  const message =
    'must be on the same UTC day as from, or the midnight that ends it: send one count a day, or one an hour'
  return [{ path: 'to', code: 'period', message }]
}

export const recordEvaluationsContract: ActionContract = {
  input: RecordEvaluationsInput,
  takesMany: true,
  output: FACT_OUTPUT,
  statuses: RECORD_STATUSES,
  refusals: { ...RECORD_REFUSALS, ...CLOCK_REFUSALS },
}
