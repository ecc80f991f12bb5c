import { asRecord } from '../../ledger/entry/as-record.ts'
import type { JsonObject } from '../../ledger/entry/entry.ts'
import { evidenceDigest } from '../../ledger/projections/evidence-digest.ts'
import type { ReviewEvidence } from '../../ledger/projections/review-evidence.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'
import { blockActionOf, bodyOf } from '../filter/filter-body.ts'
import type { BlockAction } from '../filter/filter-spec.ts'
import { remoteContext } from '../pipeline/carry-out.ts'
import { changeFilter } from '../pipeline/change-filter.ts'
import type { DeployOutcome } from '../pipeline/deploy-outcome.ts'
import type { DeploymentRef, Requester } from '../pipeline/deployment-entries.ts'
import { findFilter } from '../pipeline/find-filter.ts'
import type { Pipeline, PipelineDeps } from '../pipeline/pipeline.ts'
import { refused } from '../pipeline/plan.ts'
import type { Refusal } from '../pipeline/plan.ts'
import { callRemote } from '../pipeline/remote-calls.ts'
import type { Wish } from '../pipeline/wish.ts'
import { breakGlassProblem } from './break-glass.ts'
import { decidePromotion } from './decide-promotion.ts'
import type { PromotionDecision } from './decide-promotion.ts'
import { promotionEntry } from './promotion-entry.ts'

export interface PromotionDeps extends PipelineDeps {
  readonly evidence: ReviewEvidence
}

export interface PromotionRequest {
  /** Its name or its id. */
  readonly filter: string
  readonly to: Exclude<BlockAction, 'flag_and_pass'>
  /** Goes past the evidence; needs a reason. */
  readonly breakGlass: boolean
  readonly requestId?: string
}

export interface PromotionOutcome extends DeployOutcome {
  /** Null when nothing was decided: an unknown filter, one that blocks already, or a request that was answered before. */
  readonly decision: PromotionDecision | null
  /** True when it went past the evidence. */
  readonly brokeGlass: boolean
}

/**
 * Lets a filter block: from `flag_and_pass` to a blocking action, when reviewed evidence bounds the share of its findings
 * that are wrong under its tolerance, or by break-glass. What was decided is an entry before anything is changed.
 *
 * @throws LedgerError
 */
export async function promoteFilter(
  deps: PromotionDeps,
  pipeline: Pipeline,
  request: PromotionRequest,
  requester: Requester,
): Promise<PromotionOutcome> {
  const { filter, to, breakGlass, requestId } = request
  let decision: PromotionDecision | null = null
  const asked: JsonObject = { name: filter, to, breakGlass }
  const change = {
    ...requester,
    operation: 'promote',
    asked,
    ...(requestId !== undefined && { requestId }),
  } as const
  const outcome = await changeFilter(deps, pipeline, change, async (ref) => {
    const problem = breakGlass ? breakGlassProblem(requester.reason) : undefined
    if (problem !== undefined) return refused('validation', 'break_glass_reason', problem)
    const live = await liveFilter(deps, filter)
    if (live.kind === 'refused') return live
    const wish: Wish = {
      kind: 'promote',
      operation: 'promote',
      filterId: live.filter.id,
      name: live.filter.name,
      to,
    }
    const from = blockActionOf(bodyOf(live.filter))
    if (from === to) return wish
    if (from !== 'flag_and_pass') return notInShadow(live.filter, from)
    decision = await decide(deps, ref, live.filter, request)
    return decision.granted || breakGlass
      ? wish
      : refused('evidence', 'promotion_not_granted', decision.message)
  })
  const decided = decision as PromotionDecision | null
  return { ...outcome, decision: decided, brokeGlass: breakGlass && decided?.granted === false }
}

/** Decides, and puts the receipt into the ledger. */
async function decide(
  deps: PromotionDeps,
  ref: DeploymentRef,
  filter: RemoteFilter,
  { to, breakGlass }: PromotionRequest,
): Promise<PromotionDecision> {
  const body = bodyOf(filter)
  const digest = evidenceDigest(body)
  const found = digest === undefined ? undefined : deps.evidence.of(filter.id, digest)
  const counts = found?.wouldIntervene ?? { tp: 0, fp: 0, unclear: 0 }
  const { false_positive_tolerance: tolerance } = asRecord(body['config'])
  const decision = decidePromotion({
    ...counts,
    tolerance: typeof tolerance === 'number' ? tolerance : undefined,
  })
  const { wouldIntervene: nowhere } = deps.evidence.unattributed(filter.id)
  await deps.append({
    entry: promotionEntry({
      ...ref,
      filterId: filter.id,
      filterName: filter.name,
      ...(filter.version !== undefined && { filterVersion: filter.version }),
      evidence: {
        digest,
        versions: found?.versions ?? [],
        unattributed: nowhere.tp + nowhere.fp + nowhere.unclear,
      },
      decision,
      from: 'flag_and_pass',
      to,
      breakGlass,
    }),
  })
  return decision
}

async function liveFilter(
  deps: PipelineDeps,
  nameOrId: string,
): Promise<{ readonly kind: 'live'; readonly filter: RemoteFilter } | Refusal> {
  const found = await findFilter(deps, nameOrId)
  if (found.kind === 'refused') return found
  const context = remoteContext(deps, deps.clock.now())
  const live = await callRemote(context, (timeoutMs) => deps.port.listFilters({ timeoutMs }))
  const filter = live.find(({ id }) => id === found.filterId)
  if (filter) return { kind: 'live', filter }
  return refused(
    'validation',
    'filter_missing',
    `the filter ${found.name} (${found.filterId}) is not in the organization; \`reconcile\` tells what became of it`,
  )
}

function notInShadow({ id, name }: RemoteFilter, from: string | undefined): Refusal {
  return refused(
    'validation',
    'not_in_shadow',
    `the filter ${name} (${id}) is in ${from ?? 'no block action'}: only one in flag_and_pass is promoted`,
  )
}
