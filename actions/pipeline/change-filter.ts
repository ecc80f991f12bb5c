import { createHash } from 'node:crypto'
import { canonicalJson } from '../../ledger/entry/canonical-json.ts'
import type { JsonObject } from '../../ledger/entry/entry.ts'
import { GenesysError } from '../genesys/genesys-error.ts'
import { carryOut, recordRefusal, remoteContext } from './carry-out.ts'
import type { DeployOutcome } from './deploy-outcome.ts'
import type { DeploymentRef, Requester } from './deployment-entries.ts'
import { enterRequest } from './enter-request.ts'
import type { Pipeline, PipelineDeps } from './pipeline.ts'
import type { Refusal } from './plan.ts'
import { readFailure, recordFailure } from './run-change.ts'
import type { Work } from './run-change.ts'
import type { Operation, Wish } from './wish.ts'

export interface ChangeRequest extends Requester {
  readonly operation: Operation
  /** What is asked for, as the caller put it: the same text under one `requestId` is the same request. */
  readonly asked: JsonObject
  readonly requestId?: string
}

/**
 * Changes a filter that is there: enables, disables, demotes, removes, imports it, or puts it back to an earlier
 * version. `wish` is asked for once nothing else runs, since what it is may depend on what is there; a refusal, or a
 * GenesysError of `wish`, is recorded like any other.
 *
 * @throws LedgerError
 */
export function changeFilter(
  deps: PipelineDeps,
  pipeline: Pipeline,
  request: ChangeRequest,
  wish: (ref: DeploymentRef) => Wish | Refusal | Promise<Wish | Refusal>,
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
    const { name } = asked
    const subject = { name: typeof name === 'string' ? name : '' }
    const work: Work = { ref, subject, context: remoteContext(deps, begun), begun }
    try {
      const wanted = await wish(ref)
      if (wanted.kind === 'refused') return await recordRefusal(deps, work, wanted)
      const facts = wanted.kind === 'put' && wanted.rollback ? { rollback: wanted.rollback } : {}
      return await carryOut(deps, { ...ref, ...facts }, wanted, begun)
    } catch (error) {
      // carryOut records its own: this one is of the wish, which had to read first.
      if (!(error instanceof GenesysError)) throw error
      return recordFailure(deps, work, readFailure(error))
    }
  })
}
