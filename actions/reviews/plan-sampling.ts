import type { Append, JsonObject } from '../../ledger/entry/entry.ts'
import type { SamplingPlan } from '../../ledger/metrics/sampling-plan.ts'
import { callerOf } from '../data-actions/action.ts'
import type { ActionContext } from '../data-actions/action.ts'
import { invalidInput, recordEntry } from '../data-actions/record-entry.ts'
import type { RecordResult } from '../data-actions/record-entry.ts'
import { parseSamplingRequest } from './sampling-request.ts'

/** A recorded answer, and the plan that holds from then on; null when nothing was recorded. */
export type PlanResult = Pick<
  RecordResult,
  'status' | 'errorCode' | 'message' | 'violations' | 'entryId' | 'entryIndex' | 'duplicate'
> & { readonly plan: SamplingPlan | null }

export interface PlanDeps {
  readonly append: Append
  /** Makes a seed that nobody could have known. */
  readonly newSeed: () => string
  /** The plan of an entry that was recorded before. */
  readonly planAt: (index: number) => SamplingPlan | undefined
}

/**
 * Records what is drawn for review from now on. What was recorded before stays in the sample or out of it, as the plan of
 * its time had it.
 */
export function planSampling({ append, newSeed, planAt }: PlanDeps) {
  return async (input: unknown, context: ActionContext): Promise<PlanResult> => {
    const parsed = parseSamplingRequest(input)
    if (!parsed.ok) return answerOf(invalidInput(parsed.violations), null)
    const { plan: rates, seed, requestId } = parsed.value
    const plan: SamplingPlan = { seed: seed ?? newSeed(), ...rates }
    const data = planData(plan)
    const result = await recordEntry(append, {
      action: 'reviews/plan',
      requestId,
      // Without the seed that was made for it: sent again, the same request would come with another.
      input: { ...data, seed: seed ?? '' },
      entry: {
        type: 'sampling.planned',
        ...callerOf(context),
        entity: { type: 'ledger' },
        action: 'plan-sampling',
        status: 'SUCCESS',
        data,
      },
    })
    if (result.status === 'rejected') return answerOf(result, null)
    return answerOf(result, (result.duplicate ? planAt(result.entryIndex) : undefined) ?? plan)
  }
}

function planData({ seed, rate, strata, secondRate }: SamplingPlan): JsonObject {
  return { seed, rate, strata: strata.map((stratum) => ({ ...stratum })), secondRate }
}

function answerOf(
  { status, errorCode, message, violations, entryId, entryIndex, duplicate }: RecordResult,
  plan: SamplingPlan | null,
): PlanResult {
  return { status, errorCode, message, violations, entryId, entryIndex, duplicate, plan }
}
