import { answerAgain, isSettled, requestIdReused } from './deploy-outcome.ts'
import type { DeployOutcome } from './deploy-outcome.ts'
import type { DeploymentRef } from './deployment-entries.ts'
import type { PipelineDeps } from './pipeline.ts'

export type Entered =
  | { readonly ok: true; readonly ref: DeploymentRef }
  /** It was answered before, or its id is another request's. */
  | { readonly ok: false; readonly outcome: DeployOutcome }

/**
 * Makes a request idempotent by its `requestId`: one that was settled is answered again, one that failed goes on under
 * its deployment's id, another request under the same id is refused. To be called exclusively.
 */
export function enterRequest(
  { journal, newId }: Pick<PipelineDeps, 'journal' | 'newId'>,
  request: Omit<DeploymentRef, 'deploymentId'> & { readonly deploymentId?: string },
): Entered {
  const earlier = request.requestId === undefined ? undefined : journal.byRequestId(request.requestId)
  if (earlier && earlier.requestHash !== request.requestHash)
    return { ok: false, outcome: requestIdReused(earlier) }
  if (earlier && isSettled(earlier)) return { ok: false, outcome: answerAgain(earlier) }
  const deploymentId = earlier?.deploymentId ?? request.deploymentId ?? newId()
  return { ok: true, ref: { ...request, deploymentId } }
}
