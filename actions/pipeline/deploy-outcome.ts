import { asRecord } from '../../ledger/entry/as-record.ts'
import type { Receipt } from '../../ledger/entry/entry.ts'
import type { Deployment } from '../../ledger/projections/deployments.ts'
import { violationsMessage, violationText } from '../violation.ts'
import { rollbackMessage } from './rollback.ts'
import { isRollbackFacts } from './wish.ts'
import type { Violation } from '../violation.ts'

export type DeployStatus =
  'registered' | 'unchanged' | 'removed' | 'rejected' | 'conflict' | 'failed' | 'compensated' | 'stranded'

export interface DeployOutcome {
  readonly status: DeployStatus
  readonly deploymentId: string
  readonly filterId: string
  readonly filterName: string
  /** 0: none was allocated. */
  readonly priority: number
  readonly webhookId: string
  readonly latencyMs: number
  readonly errorCode: string
  readonly message: string
  /** `path: message`, one a violation. */
  readonly violations: readonly string[]
  readonly entryId: string
  readonly entryIndex: number
  /** True when this request was answered before, and this is that answer. */
  readonly duplicate: boolean
}

/** Outcomes that stand: asked again, the answer is the same. A failure may be tried again under the same id. */
export function isSettled({ state }: Deployment): boolean {
  return ['registered', 'unchanged', 'removed', 'rejected'].includes(state)
}

/** The same of an answer: a refusal for a conflict is one that stands. */
export function isSettledStatus(status: DeployStatus): boolean {
  return ['registered', 'unchanged', 'removed', 'rejected', 'conflict'].includes(status)
}

/** The recorded answer of a settled deployment. */
export function answerAgain(deployment: Deployment): DeployOutcome {
  const { state, outcome: data, deploymentId, entryId, entryIndex } = deployment
  const metadata = asRecord(data['metadata'])
  const errorClass = data['errorClass']
  const violations = Array.isArray(data['violations']) ? (data['violations'] as Violation[]) : []
  const status =
    state === 'rejected' && errorClass === 'conflict' ? 'conflict' : state === 'open' ? 'failed' : state
  return {
    status,
    deploymentId,
    filterId: text(data['filterId']),
    filterName: deployment.filterName ?? '',
    priority: typeof metadata['priority'] === 'number' ? metadata['priority'] : 0,
    webhookId: text(metadata['webhook_id']),
    latencyMs: typeof data['latencyMs'] === 'number' ? data['latencyMs'] : 0,
    errorCode: text(data['errorCode']),
    message: violations.length > 0 ? violationsMessage(violations) : messageOf(deployment),
    violations: violations.map(violationText),
    entryId,
    entryIndex,
    duplicate: true,
  }
}

function messageOf({ state, outcome: data }: Deployment): string {
  const { rollback, message } = data
  return state === 'registered' && isRollbackFacts(rollback) ? rollbackMessage(rollback) : text(message)
}

/** The refusal of a second, different request under one id. Nothing is recorded: the id is another's. */
export function requestIdReused({ deploymentId, entryId, entryIndex }: Deployment): DeployOutcome {
  const message = 'this requestId was used before for another request; use a new one'
  const base = outcome({ deploymentId }, { id: entryId, index: entryIndex }, { status: 'rejected' })
  return { ...base, errorCode: 'request_id_reused', message }
}

/** An answer: what is known, and every other field empty. */
export function outcome(
  { deploymentId }: { readonly deploymentId: string },
  { id, index }: Pick<Receipt, 'id' | 'index'>,
  facts: Partial<DeployOutcome> & Pick<DeployOutcome, 'status'>,
): DeployOutcome {
  const empty = {
    filterId: '',
    filterName: '',
    priority: 0,
    webhookId: '',
    latencyMs: 0,
    errorCode: '',
    message: '',
    violations: [],
  }
  return { ...empty, ...facts, deploymentId, entryId: id, entryIndex: index, duplicate: false }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
