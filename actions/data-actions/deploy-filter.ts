import { asRecord } from '../../ledger/entry/as-record.ts'
import { IsIn, IsOptional } from 'class-validator'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { CONFLICT_MODES } from '../pipeline/plan.ts'
import type { ConflictMode } from '../pipeline/plan.ts'
import { RequestMeta } from '../request-meta.ts'
import { validateInput } from '../validate.ts'
import { callerOf } from './action.ts'
import type { DataAction } from './action.ts'
import { dropUnset, parseList, parseNumbers } from './flat-input.ts'

/** What the action takes beside the filter itself. */
class DeployMeta extends RequestMeta {
  @IsOptional()
  @IsIn(CONFLICT_MODES, { message: `must be one of ${CONFLICT_MODES.join(', ')}` })
  onConflict?: ConflictMode
}

const META_FIELDS: readonly string[] = ['onConflict', 'requestId', 'reason', 'ticketRef', 'onBehalfOf']

/** Deploy Safety Filter: flat inputs, as a flow can give them, into the registration pipeline. */
export function deployFilterAction(pipeline: Pipeline): DataAction {
  return async (rawInput, context) => {
    const input = asRecord(dropUnset(rawInput))
    const meta = validateInput(
      DeployMeta,
      pick(input, (field) => META_FIELDS.includes(field)),
    )
    const { onBehalfOf, ...request } = meta.ok ? meta.value : {}
    const caller = callerOf(context)
    const actor = onBehalfOf === undefined ? caller.actor : { ...caller.actor, onBehalfOf }
    const outcome = await pipeline.deploy({
      ...caller,
      ...defined(request),
      actor,
      payload: toFilterPayload(pick(input, (field) => !META_FIELDS.includes(field))),
      inputViolations: meta.ok ? [] : meta.violations,
    })
    return { ...outcome }
  }
}

/**
 * The filter payload of flat inputs. Fields that it does not know go along as they are: the payload's rules
 * refuse them by name.
 */
export function toFilterPayload(input: Readonly<Record<string, unknown>>): object {
  const { filterType, contentCategories, blockAction, thresholds, falsePositiveTolerance, ...rest } = input
  const config = {
    content_categories: parseList(contentCategories),
    block_action: blockAction,
    thresholds: parseNumbers(thresholds),
    false_positive_tolerance: falsePositiveTolerance,
  }
  return { ...rest, ...defined({ filter_type: filterType }), config: defined(config) }
}

/** The flat inputs of a filter payload: what a data action's request template would send for it. */
export function toDeployInput(payload: unknown): object {
  const { filter_type: filterType, config, ...rest } = asRecord(payload)
  const {
    content_categories: categories,
    block_action: blockAction,
    thresholds,
    false_positive_tolerance: tolerance,
    ...others
  } = asRecord(config)
  return defined({
    ...rest,
    filterType,
    contentCategories: Array.isArray(categories) ? categories.join(',') : categories,
    blockAction,
    thresholds: thresholds === undefined ? undefined : JSON.stringify(thresholds),
    falsePositiveTolerance: tolerance,
    ...others,
  })
}

function pick(
  input: Readonly<Record<string, unknown>>,
  wanted: (field: string) => boolean,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(input).filter(([field]) => wanted(field)))
}

/** Without the members that are undefined: "absent" and "undefined" are not the same to a rule. */
function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never
}
