import type { ActionContract } from '../contract/action-contract.ts'
import { CHANGE_OUTPUT, GENESYS_REFUSALS, REQUEST_REFUSALS, statusesOf } from './change-contract.ts'
import { asRecord } from '../../ledger/entry/as-record.ts'
import { IsIn, IsOptional } from 'class-validator'
import { Told } from '../contract/told.ts'
import { BLOCK_ACTIONS, CATEGORIES } from '../filter/filter-spec.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { CONFLICT_MODES } from '../pipeline/plan.ts'
import type { ConflictMode } from '../pipeline/plan.ts'
import { RequestMeta } from '../request-meta.ts'
import { validateInput } from '../validate.ts'
import { callerOf } from './action.ts'
import type { DataAction } from './action.ts'
import type { ChangesUnderWay } from './under-way.ts'
import { dropUnset, parseList, parseNumbers } from './flat-input.ts'

const TEXT = { type: 'string', required: false } as const
const REQUIRED_TEXT = { type: 'string', required: true } as const

/** What the action takes beside the filter itself. */
class DeployMeta extends RequestMeta {
  @Told('When a filter of that name is there and differs', { example: 'refuse' })
  @IsOptional()
  @IsIn(CONFLICT_MODES, { message: `must be one of ${CONFLICT_MODES.join(', ')}` })
  onConflict?: ConflictMode
}

const META_FIELDS: readonly string[] = ['onConflict', 'requestId', 'reason', 'ticketRef', 'onBehalfOf']

/** Everything that the action takes. The rules of the filter's own fields are those of its payload. */
export class DeployFilterInput extends DeployMeta {
  @Told('The name: 3 to 128 characters, unique among the filters', { ...REQUIRED_TEXT, example: 'pii-guard' })
  name!: string

  @Told('What it is for, at most 1024 characters', TEXT)
  description?: string

  @Told('The kind of filter: safety', { ...TEXT, example: 'safety' })
  filterType?: string

  @Told('Whether it is at work; else true', { type: 'boolean', required: false, example: true })
  enabled?: boolean

  @Told('1 to 100, lower runs first; left out: one is allocated', { type: 'integer', required: false })
  priority?: number

  @Told(`What it looks for: some of ${CATEGORIES.join(', ')}; with commas between, or a JSON list`, {
    ...REQUIRED_TEXT,
    example: 'pii,phishing',
  })
  contentCategories!: string

  @Told(`What it does: ${BLOCK_ACTIONS.join(', ')}`, { ...REQUIRED_TEXT, example: 'redact_and_log' })
  blockAction!: string

  @Told('From which score on: name=number with commas between, or a JSON object', {
    ...REQUIRED_TEXT,
    example: 'pii_confidence=0.92,phishing=0.8',
  })
  thresholds!: string

  @Told('0 to 1: the greatest share of its interventions that may be wrong', {
    type: 'number',
    required: true,
    example: 0.03,
  })
  falsePositiveTolerance!: number
}

/** Deploy Safety Filter: flat inputs, as a flow can give them, into the registration pipeline. */
export function deployFilterAction(pipeline: Pipeline, underWay: ChangesUnderWay): DataAction {
  return async (rawInput, context) => {
    const input = asRecord(dropUnset(rawInput))
    const meta = validateInput(
      DeployMeta,
      pick(input, (field) => META_FIELDS.includes(field)),
    )
    const { onBehalfOf, ...request } = meta.ok ? meta.value : {}
    const caller = callerOf(context)
    const actor = onBehalfOf === undefined ? caller.actor : { ...caller.actor, onBehalfOf }
    const answer = await underWay.answer(request.requestId, (deploymentId) =>
      pipeline.deploy({
        ...caller,
        ...defined(request),
        actor,
        deploymentId,
        payload: toFilterPayload(pick(input, (field) => !META_FIELDS.includes(field))),
        inputViolations: meta.ok ? [] : meta.violations,
      }),
    )
    return { ...answer }
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

export const deployFilterContract: ActionContract = {
  input: DeployFilterInput,
  output: CHANGE_OUTPUT,
  statuses: statusesOf('registered', 'unchanged', 'conflict'),
  refusals: {
    payload_invalid: '`violations` lists every rule that the inputs break; the refusal is recorded',
    request_id_reused: REQUEST_REFUSALS.request_id_reused,
    name_conflict: 'a filter of that name is there and differs: see onConflict',
    priority_conflict: 'another filter has that priority: leave it out to have one allocated',
    enabled_filters_exceeded: 'as many filters as are allowed are enabled already',
    priorities_exhausted: 'every priority is taken',
    ...GENESYS_REFUSALS,
  },
}
