import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Min,
  ValidateNested,
} from 'class-validator'
import { Type } from 'class-transformer'
import { asRecord } from '../../ledger/entry/as-record.ts'
import { FilterInput } from '../data-actions/change-input.ts'
import { parseFilter } from '../filter/filter-payload.ts'
import type { FilterSpec } from '../filter/filter-spec.ts'
import type { PromotionRequest } from '../promotion/promote-filter.ts'
import { RequestMeta } from '../request-meta.ts'
import { validateInput } from '../validate.ts'
import type { Parsed, Violation } from '../violation.ts'
import type { ReconcileRequest } from '../reconcile/reconcile.ts'
import type { FilterChange, PlanRequest, RollbackRequest } from './operations.ts'
import { parsePlan } from './parse-plan.ts'
import type { SetPlan } from './set-plan.ts'

/** What a request says beside what it asks for. */
export type Meta = Pick<RequestMeta, 'reason' | 'ticketRef' | 'onBehalfOf'>

/** More cannot be live at once: priorities go from 1 to 100. */
const MAX_FILTERS = 1000
const DRIFT_ANSWERS = ['adopt', 'revert'] as const
const CHANGES = ['enable', 'disable', 'demote', 'delete', 'import'] as const

class PlanInput {
  @IsArray({ message: 'a list of filters is expected' })
  filters!: unknown[]

  @IsOptional()
  @IsBoolean({ message: 'true or false is expected' })
  prune?: boolean
}

class ApplyInput extends RequestMeta {
  @IsObject({ message: 'a plan is expected' })
  plan!: object
}

class ChangeInput extends FilterInput {
  @IsIn(CHANGES, { message: `must be one of ${CHANGES.join(', ')}` })
  operation!: (typeof CHANGES)[number]
}

class RollbackTo {
  @IsOptional()
  @IsInt({ message: 'a whole number is expected' })
  @Min(1, { message: 'revisions count from 1' })
  revision?: number

  @IsOptional()
  @Matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/, { message: 'RFC 3339 in UTC is expected' })
  at?: string
}

class RollbackInput extends FilterInput {
  @IsObject({ message: 'a revision or an instant is expected' })
  @ValidateNested()
  @Type(() => RollbackTo)
  to!: RollbackTo
}

class ReconcileInput extends RequestMeta {
  @IsOptional()
  @IsIn(DRIFT_ANSWERS, { message: `must be one of ${DRIFT_ANSWERS.join(', ')}` })
  answer?: (typeof DRIFT_ANSWERS)[number]

  @IsOptional()
  @IsArray({ message: 'a list of names or ids is expected' })
  @ArrayMaxSize(MAX_FILTERS, { message: `at most ${MAX_FILTERS} names or ids` })
  @IsString({ each: true, message: 'a list of names or ids is expected' })
  only?: string[]
}

class PromoteInput extends FilterInput {
  @IsOptional()
  @IsIn(['block_and_log', 'redact_and_log'], { message: 'must be block_and_log or redact_and_log' })
  to?: PromotionRequest['to']

  @IsOptional()
  @IsBoolean({ message: 'true or false is expected' })
  breakGlass?: boolean
}

/** Parses what `plan` takes: filter payloads, every violation with the number of its filter. Never throws. */
export function parsePlanRequest(input: unknown): Parsed<PlanRequest> {
  // The payloads are validated one by one, by rules of their own.
  const { filters, ...rest } = asRecord(input)
  const parsed = validateInput(PlanInput, { ...rest, filters: Array.isArray(filters) ? [] : filters })
  if (!parsed.ok || !Array.isArray(filters))
    return parsed.ok ? refuse('filters', 'a list is expected') : parsed
  if (filters.length > MAX_FILTERS) return refuse('filters', `at most ${MAX_FILTERS} filters`)
  const read = filters.map((payload: unknown) => parseFilter(payload))
  const violations = read.flatMap((one, i) =>
    one.ok ? [] : one.violations.map((each) => ({ ...each, path: `filters.${i}.${each.path}` })),
  )
  if (violations.length > 0) return { ok: false, violations }
  const specs = read.flatMap((one): readonly FilterSpec[] => (one.ok ? [one.value] : []))
  const clashes = repeated(specs)
  if (clashes.length > 0) return { ok: false, violations: clashes }
  return { ok: true, value: { specs, prune: parsed.value.prune ?? false } }
}

/** Parses what `apply` takes: a plan as `plan` made it. Never throws. */
export function parseApplyRequest(input: unknown): Parsed<{ readonly plan: SetPlan; readonly meta: Meta }> {
  const { plan, ...rest } = asRecord(input)
  const parsed = validateInput(ApplyInput, { ...rest, plan: typeof plan === 'object' ? {} : plan })
  if (!parsed.ok) return parsed
  const read = parsePlan(plan)
  return read.ok ? { ok: true, value: { plan: read.value, meta: metaOf(parsed.value) } } : read
}

export function parseChangeRequest(
  input: unknown,
): Parsed<{ readonly change: FilterChange; readonly meta: Meta }> {
  const parsed = validateInput(ChangeInput, input)
  if (!parsed.ok) return parsed
  const { operation, filter, requestId } = parsed.value
  const change = { operation, filter, ...(requestId !== undefined && { requestId }) }
  return { ok: true, value: { change, meta: metaOf(parsed.value) } }
}

export function parseRollbackRequest(
  input: unknown,
): Parsed<{ readonly rollback: RollbackRequest; readonly meta: Meta }> {
  const parsed = validateInput(RollbackInput, input)
  if (!parsed.ok) return parsed
  const { filter, to, requestId } = parsed.value
  const { revision, at } = to
  if ((revision === undefined) === (at === undefined))
    return refuse('to', 'either a revision or an instant is expected')
  if (at !== undefined && Number.isNaN(Date.parse(at))) return refuse('to.at', 'there is no such time')
  const target = revision === undefined ? { at: at ?? '' } : { revision }
  const rollback = { filter, to: target, ...(requestId !== undefined && { requestId }) }
  return { ok: true, value: { rollback, meta: metaOf(parsed.value) } }
}

export function parseReconcileRequest(
  input: unknown,
): Parsed<{ readonly reconcile: ReconcileRequest; readonly meta: Meta }> {
  const parsed = validateInput(ReconcileInput, input)
  if (!parsed.ok) return parsed
  const { answer, only } = parsed.value
  if (only && !answer)
    return refuse('only', 'it names the filters that are answered: an answer is needed too')
  const reconcile = { ...(answer && { answer }), ...(only && { only }) }
  return { ok: true, value: { reconcile, meta: metaOf(parsed.value) } }
}

export function parsePromoteRequest(
  input: unknown,
): Parsed<{ readonly promotion: PromotionRequest; readonly meta: Meta }> {
  const parsed = validateInput(PromoteInput, input)
  if (!parsed.ok) return parsed
  const { filter, to = 'block_and_log', breakGlass = false, requestId } = parsed.value
  const promotion = { filter, to, breakGlass, ...(requestId !== undefined && { requestId }) }
  return { ok: true, value: { promotion, meta: metaOf(parsed.value) } }
}

function metaOf({ reason, ticketRef, onBehalfOf }: RequestMeta): Meta {
  return {
    ...(reason !== undefined && { reason }),
    ...(ticketRef !== undefined && { ticketRef }),
    ...(onBehalfOf !== undefined && { onBehalfOf }),
  }
}

/** Names, and explicit priorities, stand once in a set. */
function repeated(specs: readonly FilterSpec[]): readonly Violation[] {
  const seen = new Map<string, number>()
  return specs.flatMap(({ name, filter_type: type, priority }, i) =>
    [
      [`name ${type}/${name}`, 'name'],
      ...(priority === 'auto' ? [] : [[`priority ${priority}`, 'priority']]),
    ].flatMap(([key = '', member = '']) => {
      const first = seen.get(key)
      seen.set(key, first ?? i)
      return first === undefined
        ? []
        : [violation(`filters.${i}.${member}`, `it is that of filters.${first} already`)]
    }),
  )
}

function refuse(
  path: string,
  message: string,
): { readonly ok: false; readonly violations: readonly Violation[] } {
  return { ok: false, violations: [violation(path, message)] }
}

function violation(path: string, message: string): Violation {
  return { path, code: 'shape', message }
}
