import { createHash } from 'node:crypto'
import { canonicalJson } from '../../ledger/entry/canonical-json.ts'
import type { JsonObject } from '../../ledger/entry/entry.ts'
import { carryOut, recordRefusal } from './carry-out.ts'
import type { DeployOutcome } from './deploy-outcome.ts'
import type { DeploymentRef, Requester } from './deployment-entries.ts'
import { enterRequest } from './enter-request.ts'
import type { Pipeline, PipelineDeps } from './pipeline.ts'
import type { Refusal } from './plan.ts'
import type { Operation, Wish } from './wish.ts'

export interface ChangeRequest extends Requester {
  readonly operation: Operation
  /** What is asked for, as the caller put it: the same text under one `requestId` is the same request. */
  readonly asked: JsonObject
  readonly requestId?: string
}

/**
 * Changes a filter that is there: enables, disables, demotes, removes, imports it, or puts it back to an earlier
 * version. `wish` is asked for once nothing else runs, since what it is may depend on what is there; a refusal is
 * recorded like any other.
 *
 * @throws LedgerError; GenesysError from `wish`
 */
export function changeFilter(
  deps: PipelineDeps,
  pipeline: Pipeline,
  request: ChangeRequest,
  wish: (ref: DeploymentRef) => Promise<Wish | Refusal>,
): Promise<DeployOutcome> {
  const begun = deps.clock.now()
  const { asked, ...requester } = request
  return pipeline.exclusively(async () => {
    const requestHash = createHash('sha256')
      .update(request.operation)
      .update(canonicalJson(asked))
      .digest('hex')
    const entered = enterRequest(deps, { ...requester, requestHash })
    if (!entered.ok) return entered.outcome
    const { ref } = entered
    const wanted = await wish(ref)
    if (wanted.kind === 'refused') {
      const { name } = asked
      return recordRefusal(deps, { ref, subject: { name: typeof name === 'string' ? name : '' } }, wanted)
    }
    return carryOut(deps, ref, wanted, begun)
  })
}
