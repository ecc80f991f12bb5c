import type { EntryDraft, EntryStatus } from '../../ledger/entry/entry.ts'
import type { BlockAction } from '../filter/filter-spec.ts'
import type { Requester } from '../pipeline/deployment-entries.ts'
import { breakGlassProblem } from './break-glass.ts'
import { METHOD } from './decide-promotion.ts'
import type { PromotionDecision } from './decide-promotion.ts'

/** A promotion that was asked for, and what was decided. */
export interface Promotion extends Requester {
  readonly filterId: string
  readonly filterName?: string
  /** Of the live filter, before the promotion. */
  readonly filterVersion?: number
  readonly evidence: {
    /** Of the live filter; undefined when it cannot be read, and nothing is evidence then. */
    readonly digest: string | undefined
    /** The versions that the reviews may be of. */
    readonly versions: readonly number[]
    /** Reviewed, but of no version that is known: counted in none of the numbers. Default 0. */
    readonly unattributed?: number
  }
  readonly decision: PromotionDecision
  /** The live filter's block action. */
  readonly from: string
  readonly to: BlockAction
  /** True when the caller asked to go past the evidence. It changes nothing where the evidence grants. */
  readonly breakGlass?: boolean
  /** The deployment that changes the filter. */
  readonly deploymentId?: string
}

/**
 * The receipt of a promotion: SUCCESS when granted, FAILURE when refused, WARNING when refused and forced.
 *
 * @throws TypeError for a break-glass without a reason that {@link breakGlassProblem} passes
 */
export function promotionEntry(promotion: Promotion): EntryDraft {
  const { actor, correlationId, organizationId, reason, breakGlass = false } = promotion
  const problem = breakGlass ? breakGlassProblem(reason) : undefined
  if (problem !== undefined) throw new TypeError(problem)
  return {
    type: 'promotion.decided',
    actor,
    entity: {
      type: 'filter',
      id: promotion.filterId,
      ...(promotion.filterName !== undefined && { name: promotion.filterName }),
    },
    action: 'promote',
    status: statusOf(promotion.decision.granted, breakGlass),
    ...(correlationId !== undefined && { correlationId }),
    ...(organizationId !== undefined && { organizationId }),
    data: {
      filterId: promotion.filterId,
      filterVersion: promotion.filterVersion,
      ...evidenceMembers(promotion),
      from: promotion.from,
      to: promotion.to,
      ...(breakGlass && { breakGlass }),
      reason,
      ticketRef: promotion.ticketRef,
      deploymentId: promotion.deploymentId,
    },
  }
}

function statusOf(granted: boolean, breakGlass: boolean): EntryStatus {
  if (granted) return 'SUCCESS'
  return breakGlass ? 'WARNING' : 'FAILURE'
}

function evidenceMembers({ evidence, decision }: Promotion) {
  const { granted, verdict, n, tp, fp, unclear, bound, lower, tolerance, reviewsMissing } = decision
  return {
    versions: evidence.versions,
    evidenceDigest: evidence.digest,
    unattributed: evidence.unattributed ?? 0,
    ...{ n, tp, fp, unclear, bound, lower, tolerance },
    method: METHOD,
    ...{ granted, verdict, reviewsMissing },
  }
}
