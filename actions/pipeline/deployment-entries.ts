import { asRecord } from '../../ledger/entry/as-record.ts'
import type {
  Actor,
  EntryDraft,
  EntryStatus,
  EntryType,
  Json,
  JsonObject,
  PropertyChange,
} from '../../ledger/entry/entry.ts'
import type { Violation } from '../violation.ts'
import type { Failure } from './failure.ts'
import { filterIdOfWish, intentOf, nameOfWish } from './wish.ts'
import type { Operation, RollbackFacts, Wish } from './wish.ts'

/** Who asks, and what for. It stands in every entry of the deployment. */
export interface Requester {
  readonly actor: Actor
  readonly correlationId?: string
  readonly organizationId?: string
  readonly reason?: string
  readonly ticketRef?: string
  /** Under which id to journal it, where it was told to somebody already. */
  readonly deploymentId?: string
}

/** What identifies a deployment through all its entries. */
export interface DeploymentRef extends Requester {
  readonly deploymentId: string
  readonly requestId?: string
  /** SHA-256 of the request, hex. */
  readonly requestHash: string
  /** The `action` of its entries. */
  readonly operation: Operation
  /** The plan that it is a line of. */
  readonly planId?: string
  /** What it puts back, when it is a rollback. */
  readonly rollback?: RollbackFacts
}

/** What a deployment is about, as its entries name it. */
export interface Subject {
  readonly id?: string
  readonly name: string
}

export function subjectOf(wish: Wish): Subject {
  const id = filterIdOfWish(wish)
  return { name: nameOfWish(wish), ...(id !== undefined && { id }) }
}

const COMPLIANCE_VERSION = '1.0'

/** Deployment entries: one builder each, so that their shapes stand side by side. */
export const deploymentEntry = {
  requested: (ref: DeploymentRef, wish: Wish): EntryDraft =>
    draft('deployment.requested', 'SUCCESS', ref, subjectOf(wish), {
      requestHash: ref.requestHash,
      ...intentOf(wish),
    }),

  rejected: (ref: DeploymentRef, violations: readonly Violation[], name: string | undefined): EntryDraft =>
    draft('deployment.rejected', 'FAILURE', ref, name === undefined ? {} : { name }, {
      requestHash: ref.requestHash,
      errorClass: 'validation',
      errorCode: 'payload_invalid',
      violations: violations.map(({ path, code, message }) => ({ path, code, message })),
    }),

  refused: (ref: DeploymentRef, failure: Failure, subject: Subject): EntryDraft =>
    draft('deployment.rejected', 'FAILURE', ref, subject, {
      requestHash: ref.requestHash,
      ...failure,
    }),

  settled: (
    type: 'deployment.registered' | 'deployment.unchanged' | 'deployment.removed',
    ref: DeploymentRef,
    facts: SettledFacts,
  ): EntryDraft => {
    const { filterId, filter, webhookId, latencyMs, waitedMs, resumed, change } = facts
    const { content_categories: categories, block_action: blockAction } = asRecord(filter['config'])
    const { priority } = filter
    return {
      ...draft(type, 'SUCCESS', ref, facts.subject, {
        ...(filterId !== undefined && { filterId }),
        change,
        filter,
        complianceVersion: COMPLIANCE_VERSION,
        latencyMs,
        waitedOn429Ms: waitedMs,
        metadata: {
          ...(priority !== undefined && { priority }),
          ...(webhookId !== undefined && { webhook_id: webhookId }),
          ...(categories !== undefined && { config_categories: categories as Json }),
          ...(blockAction !== undefined && { block_action: blockAction as Json }),
        },
        ...(resumed && { resumed: true }),
      }),
      ...(facts.propertyChanges && { propertyChanges: facts.propertyChanges }),
    }
  },

  failed: (
    ref: DeploymentRef,
    failure: Failure,
    subject: Subject,
    facts: { latencyMs: number; waitedMs: number; step: string },
  ): EntryDraft =>
    draft('deployment.failed', 'FAILURE', ref, subject, {
      requestHash: ref.requestHash,
      ...failure,
      failedStep: facts.step,
      latencyMs: facts.latencyMs,
      waitedOn429Ms: facts.waitedMs,
    }),

  compensated: (
    ref: DeploymentRef,
    failure: Failure,
    subject: Subject,
    undone: readonly string[],
  ): EntryDraft => draft('deployment.compensated', 'WARNING', ref, subject, { ...failure, undone }),

  stranded: (ref: DeploymentRef, failure: Failure, subject: Subject, remains: JsonObject): EntryDraft =>
    draft('deployment.stranded', 'FAILURE', ref, subject, { ...failure, remains }),
}

export interface SettledFacts {
  readonly subject: Subject
  readonly filterId: string | undefined
  /** As the server has it now; for a removal, as it last stood. */
  readonly filter: JsonObject
  readonly webhookId: string | undefined
  readonly latencyMs: number
  readonly waitedMs: number
  readonly change: 'created' | 'updated' | 'deleted' | 'imported' | 'none'
  readonly propertyChanges?: readonly PropertyChange[]
  readonly resumed?: boolean
}

function draft(
  type: EntryType,
  status: EntryStatus,
  ref: DeploymentRef,
  entity: Partial<Subject>,
  data: JsonObject,
): EntryDraft {
  const { actor, correlationId, organizationId, deploymentId, requestId, operation } = ref
  const { reason, ticketRef, planId, rollback } = ref
  return {
    type,
    actor,
    entity: { type: 'filter', ...entity },
    action: operation,
    status,
    ...(correlationId !== undefined && { correlationId }),
    ...(organizationId !== undefined && { organizationId }),
    data: {
      deploymentId,
      ...(requestId !== undefined && { requestId }),
      ...data,
      ...(reason !== undefined && { reason }),
      ...(ticketRef !== undefined && { ticketRef }),
      ...(planId !== undefined && { planId }),
      ...(rollback && { rollback }),
    },
  }
}
