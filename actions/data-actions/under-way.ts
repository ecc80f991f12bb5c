import type { DeploymentJournal } from '../../ledger/projections/deployments.ts'
import { outcome } from '../pipeline/deploy-outcome.ts'
import type { DeployOutcome, DeployStatus } from '../pipeline/deploy-outcome.ts'

/** The answer of an action that changes filters. `accepted`: it is under way; `unknown`: there is no such deployment. */
export type ChangeAnswer = Omit<DeployOutcome, 'status'> & {
  readonly status: DeployStatus | 'accepted' | 'unknown'
}

export interface UnderWayDeps {
  readonly journal: DeploymentJournal
  readonly newId: () => string
  /** Resolves when a flow has waited long enough for an answer. */
  readonly patience: () => Promise<void>
  /** A change that was answered with `accepted` could not be recorded. */
  readonly onFailure: (deploymentId: string, error: unknown) => void
}

/** Changes that flows have asked for, while they run. A data action has to answer well before its platform gives up. */
export interface ChangesUnderWay {
  /**
   * The outcome of a change if it comes in time, otherwise `accepted` with the id to ask for; the change goes on.
   *
   * @throws LedgerError of the change, when it comes in time
   */
  readonly answer: (
    requestId: string | undefined,
    carryOut: (deploymentId: string) => Promise<DeployOutcome>,
  ) => Promise<ChangeAnswer>
  /** By its id: under way, or ended lately after it was accepted. */
  readonly find: (deploymentId: string) => ChangeAnswer | undefined
  /** By the request's own id, while it is under way. */
  readonly idOfRequest: (requestId: string) => string | undefined
  /** Resolves once nothing is under way any more. */
  readonly settled: () => Promise<void>
}

/** Not every outcome is journalled (a reused request id, say), and who was told `accepted` will ask. */
const MAX_REMEMBERED = 1000

export function changesUnderWay({ journal, newId, patience, onFailure }: UnderWayDeps): ChangesUnderWay {
  const running = new Map<Promise<DeployOutcome>, string>()
  const ids = new Map<string, string>()
  const ended = new Map<string, DeployOutcome>()

  const remember = (deploymentId: string, result: DeployOutcome): void => {
    ended.set(deploymentId, result)
    const [oldest] = ended.keys()
    if (ended.size > MAX_REMEMBERED && oldest !== undefined) ended.delete(oldest)
  }
  const idFor = (requestId: string | undefined): string =>
    (requestId === undefined
      ? undefined
      : (ids.get(requestId) ?? journal.byRequestId(requestId)?.deploymentId)) ?? newId()

  return {
    answer: async (requestId, carryOut) => {
      const deploymentId = idFor(requestId)
      const change = carryOut(deploymentId)
      running.set(change, deploymentId)
      if (requestId !== undefined) ids.set(requestId, deploymentId)
      const forget = (): void => {
        running.delete(change)
        if (requestId !== undefined) ids.delete(requestId)
      }
      change.then(forget, forget)
      const inTime = await Promise.race([change, patience()])
      if (inTime) return inTime
      change.then(
        (result) => {
          remember(deploymentId, result)
        },
        (error: unknown) => {
          onFailure(deploymentId, error)
        },
      )
      return accepted(deploymentId)
    },
    find: (deploymentId) =>
      [...running.values()].includes(deploymentId) ? accepted(deploymentId) : ended.get(deploymentId),
    idOfRequest: (requestId) => ids.get(requestId),
    settled: async () => {
      while (running.size > 0) await Promise.allSettled(running.keys())
    },
  }
}

/** What a flow is told of a change that is not at its end. */
export function accepted(deploymentId: string): ChangeAnswer {
  const message = 'it is under way: ask get-deployment with this deploymentId until it says something else'
  return {
    ...outcome({ deploymentId }, { id: '', index: -1 }, { status: 'failed', message }),
    status: 'accepted',
  }
}
