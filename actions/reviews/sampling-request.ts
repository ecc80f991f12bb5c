import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsNumber,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import { Type } from 'class-transformer'
import { DEFAULT_PLAN, MIN_RATE } from '../../ledger/metrics/sampling-plan.ts'
import type { SamplingPlan, StratumRate } from '../../ledger/metrics/sampling-plan.ts'
import { SCORE_BANDS } from '../../ledger/metrics/words.ts'
import type { ScoreBand } from '../../ledger/metrics/words.ts'
import { CATEGORIES } from '../filter/filter-spec.ts'
import type { Category } from '../filter/filter-spec.ts'
import { validateInput } from '../validate.ts'
import type { Parsed, Violation } from '../violation.ts'

/** Each category in each band, and then some. */
const MAX_STRATA = 100
const number = { allowNaN: false, allowInfinity: false }
const RATE_RULE = { message: `a rate from ${MIN_RATE} to 1 is expected` }
const SHARE_RULE = { message: 'a share from 0 to 1 is expected' }

class StratumInput {
  @IsOptional()
  @IsIn(CATEGORIES, { message: `must be one of ${CATEGORIES.join(', ')}` })
  category?: Category

  @IsOptional()
  @IsIn(SCORE_BANDS, { message: `must be one of ${SCORE_BANDS.join(', ')}` })
  band?: ScoreBand

  @IsNumber(number, RATE_RULE)
  @Min(MIN_RATE, RATE_RULE)
  @Max(1, RATE_RULE)
  rate!: number
}

class SamplingInput {
  @IsNumber(number, RATE_RULE)
  @Min(MIN_RATE, RATE_RULE)
  @Max(1, RATE_RULE)
  rate!: number

  @IsOptional()
  @IsArray({ message: 'a list is expected' })
  @ArrayMaxSize(MAX_STRATA, { message: `at most ${MAX_STRATA} strata` })
  @ValidateNested({ each: true, message: 'a JSON object with category or band, and rate, is expected' })
  @Type(() => StratumInput)
  strata?: StratumInput[]

  @IsOptional()
  @IsNumber(number, SHARE_RULE)
  @Min(0, SHARE_RULE)
  @Max(1, SHARE_RULE)
  secondRate?: number

  @IsOptional()
  @Matches(/^[A-Za-z0-9._-]{1,128}$/, { message: '1 to 128 letters, digits, and . _ - are expected' })
  seed?: string

  @IsOptional()
  @Matches(/^[A-Za-z0-9._:-]{1,128}$/, { message: '1 to 128 letters, digits, and . _ : - are expected' })
  requestId?: string
}

/** A plan that keeps every rule; without a seed where the caller leaves it to us. */
export interface SamplingRequest {
  readonly plan: Omit<SamplingPlan, 'seed'>
  readonly seed: string | undefined
  readonly requestId: string | undefined
}

export function parseSamplingRequest(input: unknown): Parsed<SamplingRequest> {
  const parsed = validateInput(SamplingInput, input)
  if (!parsed.ok) return parsed
  const { rate, strata = [], secondRate = DEFAULT_PLAN.secondRate, seed, requestId } = parsed.value
  const violations = strata.flatMap((stratum, i) => [...unbounded(stratum, i), ...unreached(strata, i)])
  if (violations.length > 0) return { ok: false, violations }
  return { ok: true, value: { plan: { rate, strata: strata.map(stratumOf), secondRate }, seed, requestId } }
}

function stratumOf({ category, band, rate }: StratumInput): StratumRate {
  return { ...(category !== undefined && { category }), ...(band !== undefined && { band }), rate }
}

function unbounded({ category, band }: StratumInput, i: number): readonly Violation[] {
  if (category !== undefined || band !== undefined) return []
  return [
    {
      path: `strata.${i}`,
      code: 'stratum',
      message: 'names neither category nor band: that is what rate is for',
    },
  ]
}

/** The first stratum that fits decides, so a wider one before it leaves nothing. */
function unreached(strata: readonly StratumInput[], i: number): readonly Violation[] {
  const wider = strata.findIndex(
    ({ category, band }) =>
      (category === undefined || category === strata[i]?.category) &&
      (band === undefined || band === strata[i]?.band),
  )
  if (wider === i || wider === -1) return []
  return [
    {
      path: `strata.${i}`,
      code: 'unreached',
      message: `never decides: strata.${wider} takes all of it; the narrower one goes first`,
    },
  ]
}
