import type { Entry, EntryType, JsonObject } from '../entry/entry.ts'

export type DeploymentState =
  'open' | 'registered' | 'unchanged' | 'removed' | 'rejected' | 'failed' | 'compensated' | 'stranded'

/** A deployment as its entries tell it. */
export interface Deployment {
  readonly deploymentId: string
  readonly requestId: string | undefined
  /** SHA-256 of the request, hex: tells a repeated request from another one with the same id. */
  readonly requestHash: string | undefined
  /** As its last entry has it: a versioned name differs from the one asked for. */
  readonly filterName: string | undefined
  readonly state: DeploymentState
  /** The `data` of deployment.requested: the journalled intent. Undefined for a rejected payload. */
  readonly intent: JsonObject | undefined
  readonly actor: Entry['actor']
  readonly correlationId: string | undefined
  readonly organizationId: string | undefined
  /** The entry that ended it, or for an open one that began it. */
  readonly entryId: string
  readonly entryIndex: number
  /** The `data` of that entry. */
  readonly outcome: JsonObject
}

/** Read access, for those who only ask. */
export interface DeploymentJournal {
  readonly byId: (deploymentId: string) => Deployment | undefined
  readonly byRequestId: (requestId: string) => Deployment | undefined
  /** Begun and not ended: a crash lies between. Oldest first. */
  readonly open: () => readonly Deployment[]
}

export interface Deployments extends DeploymentJournal {
  /** Feeds one entry. Never throws. */
  readonly apply: (entry: Entry, index: number) => void
}

const STATES: Readonly<Partial<Record<EntryType, DeploymentState>>> = {
  'deployment.requested': 'open',
  'deployment.registered': 'registered',
  'deployment.unchanged': 'unchanged',
  'deployment.removed': 'removed',
  'deployment.rejected': 'rejected',
  'deployment.failed': 'failed',
  'deployment.compensated': 'compensated',
  'deployment.stranded': 'stranded',
}

/** Folds all `deployment.*` entries. The last entry of a deployment says how it stands. */
export function deploymentJournal(): Deployments {
  const byId = new Map<string, Deployment>()
  const idOfRequest = new Map<string, string>()
  return {
    apply: (entry, index) => {
      const state = STATES[entry.type]
      const deploymentId = text(entry.data['deploymentId'])
      if (!state || deploymentId === undefined) return
      const before = byId.get(deploymentId)
      const requestId = text(entry.data['requestId']) ?? before?.requestId
      byId.set(deploymentId, {
        deploymentId,
        requestId,
        requestHash: text(entry.data['requestHash']) ?? before?.requestHash,
        filterName: entry.entity.name ?? before?.filterName,
        state,
        intent: state === 'open' ? entry.data : before?.intent,
        actor: before?.actor ?? entry.actor,
        correlationId: entry.correlationId ?? before?.correlationId,
        organizationId: entry.organizationId ?? before?.organizationId,
        entryId: entry.id,
        entryIndex: index,
        outcome: entry.data,
      })
      if (requestId !== undefined) idOfRequest.set(requestId, deploymentId)
    },
    byId: (deploymentId) => byId.get(deploymentId),
    byRequestId: (requestId) => byId.get(idOfRequest.get(requestId) ?? ''),
    open: () => [...byId.values()].filter(({ state }) => state === 'open'),
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
