import { createHash } from 'node:crypto'
import { canonicalJson } from '../../ledger/entry/canonical-json.ts'
import type { Json } from '../../ledger/entry/entry.ts'
import { parseFilter } from '../filter/filter-payload.ts'
import { violationsMessage, violationText } from '../violation.ts'
import type { Violation } from '../violation.ts'
import { carryOut } from './carry-out.ts'
import { outcome } from './deploy-outcome.ts'
import type { DeployOutcome } from './deploy-outcome.ts'
import { deploymentEntry } from './deployment-entries.ts'
import type { DeploymentRef, Requester } from './deployment-entries.ts'
import { enterRequest } from './enter-request.ts'
import type { PipelineDeps } from './pipeline.ts'
import type { ConflictMode } from './plan.ts'

export interface DeployRequest extends Requester {
  /** The filter payload, not yet checked. */
  readonly payload: unknown
  readonly onConflict?: ConflictMode
  /** The caller's own id: the same request is carried out once. */
  readonly requestId?: string
  /** Violations that the caller found before there was a payload. */
  readonly inputViolations?: readonly Violation[]
}

/**
 * Deploys a filter payload: validate → read remote → plan → subscribe → register → record, with undo in reverse. To be
 * called exclusively; `begun` is when it was asked for.
 *
 * @throws LedgerError
 */
export async function deployFilter(
  deps: PipelineDeps,
  request: DeployRequest,
  begun: number,
): Promise<DeployOutcome> {
  const { payload, onConflict = 'refuse', inputViolations = [], ...requester } = request
  const requestHash = hashOf({ payload, onConflict })
  const entered = enterRequest(deps, { ...requester, requestHash, operation: 'deploy' })
  if (!entered.ok) return entered.outcome
  const { ref } = entered
  const parsed = parseFilter(payload)
  if (!parsed.ok || inputViolations.length > 0) {
    return reject(deps, ref, [...inputViolations, ...(parsed.ok ? [] : parsed.violations)], payload)
  }
  return carryOut(deps, ref, { kind: 'deploy', operation: 'deploy', spec: parsed.value, onConflict }, begun)
}

async function reject(
  deps: PipelineDeps,
  ref: DeploymentRef,
  violations: readonly Violation[],
  payload: unknown,
) {
  const name = shownName(payload)
  const receipt = await deps.append({ entry: deploymentEntry.rejected(ref, violations, name) })
  return outcome(ref, receipt, {
    status: 'rejected',
    filterName: name ?? '',
    errorCode: 'payload_invalid',
    message: violationsMessage(violations),
    violations: violations.map(violationText),
  })
}

function hashOf(request: { readonly payload: unknown; readonly onConflict: string }): string {
  const { payload, onConflict } = request
  return createHash('sha256').update(canonicalText(payload)).update(onConflict).digest('hex')
}

/** A payload that has no canonical text is refused later anyway, by its violations. */
function canonicalText(payload: unknown): string {
  try {
    return canonicalJson((payload ?? null) as Json)
  } catch {
    return ''
  }
}

function shownName(payload: unknown): string | undefined {
  const name = typeof payload === 'object' && payload !== null && 'name' in payload ? payload.name : undefined
  return typeof name === 'string' && /^[^\p{Cc}\p{Surrogate}]{1,128}$/u.test(name) ? name : undefined
}
