import { IsOptional, Matches } from 'class-validator'
import type { DeploymentJournal } from '../../ledger/projections/deployments.ts'
import type { ActionContract } from '../contract/action-contract.ts'
import { Told } from '../contract/told.ts'
import { answerAgain, outcome } from '../pipeline/deploy-outcome.ts'
import { validateInput } from '../validate.ts'
import type { DataAction } from './action.ts'
import { CHANGE_OUTPUT, CHANGE_STATUSES, REQUEST_REFUSALS } from './change-contract.ts'
import { dropUnset } from './flat-input.ts'
import { inputRefusal } from './input-refusal.ts'
import { accepted } from './under-way.ts'
import type { ChangeAnswer, ChangesUnderWay } from './under-way.ts'

const ID = /^[A-Za-z0-9._:-]{1,128}$/
const idExpected = { message: '1 to 128 letters, digits, and . _ : - are expected' }

export class GetDeploymentInput {
  @Told('What the action that began it answered', { example: '019b3e7c-52a1-7c3d-9e4f-0a1b2c3d4e5f' })
  @IsOptional()
  @Matches(ID, idExpected)
  deploymentId?: string

  @Told('Or the id of your own that you gave it', { example: 'req-2026-11-26-0001' })
  @IsOptional()
  @Matches(ID, idExpected)
  requestId?: string
}

/** Get Deployment: how a deployment or another change stands. Asks nobody but the ledger. */
export function getDeploymentAction(journal: DeploymentJournal, underWay: ChangesUnderWay): DataAction {
  return (rawInput) => {
    const parsed = validateInput(GetDeploymentInput, dropUnset(rawInput))
    const violations = parsed.ok ? choiceViolations(parsed.value) : parsed.violations
    if (!parsed.ok || violations.length > 0) return Promise.resolve(none(inputRefusal(violations)))
    return Promise.resolve({ ...stateOf(parsed.value, journal, underWay) })
  }
}

function choiceViolations({ deploymentId, requestId }: GetDeploymentInput) {
  if ((deploymentId === undefined) !== (requestId === undefined)) return []
  return [{ path: '', code: 'oneOf', message: 'either deploymentId or requestId is needed, and not both' }]
}

function stateOf(
  { deploymentId, requestId = '' }: GetDeploymentInput,
  journal: DeploymentJournal,
  underWay: ChangesUnderWay,
): ChangeAnswer {
  const id = deploymentId ?? underWay.idOfRequest(requestId) ?? journal.byRequestId(requestId)?.deploymentId
  if (id === undefined) return unknown()
  const present = underWay.find(id)
  if (present?.status === 'accepted') return present
  const deployment = journal.byId(id)
  if (!deployment) return present ?? unknown()
  // Begun by another process, or before a crash: start-up and `resume` bring it to its end.
  if (deployment.state === 'open') return { ...accepted(id), filterName: deployment.filterName ?? '' }
  return { ...answerAgain(deployment), duplicate: false }
}

function unknown(): ChangeAnswer {
  return none({
    status: 'unknown',
    errorCode: 'deployment_unknown',
    message:
      'the ledger has no such deployment: nothing was begun under this id, and it may be asked for again',
  })
}

/** The answer about no deployment. */
function none(facts: Partial<ChangeAnswer> & Pick<ChangeAnswer, 'status'>): ChangeAnswer {
  const empty = outcome({ deploymentId: '' }, { id: '', index: -1 }, { status: 'rejected' })
  return { ...empty, ...facts }
}

export const getDeploymentContract: ActionContract = {
  input: GetDeploymentInput,
  output: CHANGE_OUTPUT,
  statuses: {
    ...CHANGE_STATUSES,
    accepted: 'it is under way: ask again',
    unknown: 'there is no such deployment',
  },
  refusals: {
    input_invalid: REQUEST_REFUSALS.input_invalid,
    deployment_unknown: 'nothing was begun under this id: ask for the change again, under the same requestId',
    '(any other)': 'as the action that asked for it would have answered',
  },
}
