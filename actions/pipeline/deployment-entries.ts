import type { Actor, EntryDraft, EntryStatus, EntryType, Json, JsonObject } from '../../ledger/entry/entry.ts'
import type { FilterSpec } from '../filter/filter-spec.ts'
import type { ConflictMode } from './plan.ts'
import type { Violation } from '../violation.ts'
import type { Failure } from './failure.ts'

/** Who asks, and what for. It stands in every entry of the deployment. */
export interface Requester {
  readonly actor: Actor
  readonly correlationId?: string
  readonly organizationId?: string
  readonly reason?: string
  readonly ticketRef?: string
}

/** What identifies a deployment through all its entries. */
export interface DeploymentRef extends Requester {
  readonly deploymentId: string
  readonly requestId?: string
  /** SHA-256 of the request, hex. */
  readonly requestHash: string
}

const COMPLIANCE_VERSION = '1.0'

/** Deployment entries: one builder each, so that their shapes stand side by side. */
export const deploymentEntry = {
  requested: (ref: DeploymentRef, filter: FilterSpec, onConflict: ConflictMode): EntryDraft =>
    draft(
      'deployment.requested',
      'SUCCESS',
      ref,
      { name: filter.name },
      {
        requestHash: ref.requestHash,
        onConflict,
        filter: asJson(filter),
        ...(ref.reason !== undefined && { reason: ref.reason }),
        ...(ref.ticketRef !== undefined && { ticketRef: ref.ticketRef }),
      },
    ),

  rejected: (ref: DeploymentRef, violations: readonly Violation[], name: string | undefined): EntryDraft =>
    draft('deployment.rejected', 'FAILURE', ref, name === undefined ? {} : { name }, {
      requestHash: ref.requestHash,
      errorClass: 'validation',
      errorCode: 'payload_invalid',
      violations: violations.map(({ path, code, message }) => ({ path, code, message })),
    }),

  refused: (ref: DeploymentRef, failure: Failure, name: string): EntryDraft =>
    draft('deployment.rejected', 'FAILURE', ref, { name }, { ...failure }),

  settled: (
    type: 'deployment.registered' | 'deployment.unchanged',
    ref: DeploymentRef,
    facts: SettledFacts,
  ): EntryDraft => {
    const { filterId, spec, priority, webhookId, latencyMs, waitedMs, resumed, change } = facts
    return draft(
      type,
      'SUCCESS',
      ref,
      { id: filterId, name: spec.name },
      {
        filterId,
        change,
        complianceVersion: COMPLIANCE_VERSION,
        latencyMs,
        waitedOn429Ms: waitedMs,
        metadata: {
          ...(priority !== undefined && { priority }),
          ...(webhookId !== undefined && { webhook_id: webhookId }),
          config_categories: spec.config.content_categories,
          block_action: spec.config.block_action,
        },
        ...(resumed && { resumed: true }),
      },
    )
  },

  failed: (
    ref: DeploymentRef,
    failure: Failure,
    spec: FilterSpec,
    facts: { latencyMs: number; waitedMs: number; step: string },
  ): EntryDraft =>
    draft(
      'deployment.failed',
      'FAILURE',
      ref,
      { name: spec.name },
      {
        ...failure,
        failedStep: facts.step,
        latencyMs: facts.latencyMs,
        waitedOn429Ms: facts.waitedMs,
      },
    ),

  compensated: (
    ref: DeploymentRef,
    failure: Failure,
    spec: FilterSpec,
    undone: readonly string[],
  ): EntryDraft =>
    draft('deployment.compensated', 'WARNING', ref, { name: spec.name }, { ...failure, undone }),

  stranded: (ref: DeploymentRef, failure: Failure, spec: FilterSpec, remains: JsonObject): EntryDraft =>
    draft('deployment.stranded', 'FAILURE', ref, { name: spec.name }, { ...failure, remains }),
}

export interface SettledFacts {
  readonly filterId: string
  readonly spec: FilterSpec
  readonly priority: number | undefined
  readonly webhookId: string | undefined
  readonly latencyMs: number
  readonly waitedMs: number
  readonly change: 'created' | 'updated' | 'none'
  readonly resumed?: boolean
}

function draft(
  type: EntryType,
  status: EntryStatus,
  ref: DeploymentRef,
  entity: { readonly id?: string; readonly name?: string },
  data: JsonObject,
): EntryDraft {
  const { actor, correlationId, organizationId, deploymentId, requestId } = ref
  return {
    type,
    actor,
    entity: { type: 'filter', ...entity },
    action: 'deploy',
    status,
    ...(correlationId !== undefined && { correlationId }),
    ...(organizationId !== undefined && { organizationId }),
    data: { deploymentId, ...(requestId !== undefined && { requestId }), ...data },
  }
}

/** A spec is made of JSON alone; an interface has no index signature for the compiler to see it by. */
function asJson(filter: FilterSpec): Json {
  return { ...filter, config: { ...filter.config } }
}
