import type { ActionContract } from '../contract/action-contract.ts'
import {
  CHANGE_OUTPUT,
  GENESYS_REFUSALS,
  NAMED_FILTER_REFUSALS,
  REQUEST_REFUSALS,
  statusesOf,
} from './change-contract.ts'
import { IsIn } from 'class-validator'
import type { PipelineOperations } from '../pipeline/operations.ts'
import type { DataAction } from './action.ts'
import { Told } from '../contract/told.ts'
import { changeAction, FilterInput } from './change-input.ts'
import type { ChangesUnderWay } from './under-way.ts'

/** What a flow may set, and the operation that does it. Blocking again takes a promotion. */
const OPERATIONS = { enabled: 'enable', disabled: 'disable', demoted: 'demote' } as const
const STATES = Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[]

export class SetFilterStateInput extends FilterInput {
  @Told('The state to be in; `demoted`: it flags and lets pass', { example: 'disabled' })
  @IsIn(STATES, { message: `must be one of ${STATES.join(', ')}` })
  state!: keyof typeof OPERATIONS
}

/** Set Filter State: enables, disables or demotes a filter. */
export function setFilterStateAction(
  { change }: Pick<PipelineOperations, 'change'>,
  underWay: ChangesUnderWay,
): DataAction {
  return changeAction(SetFilterStateInput, underWay, ({ filter, state, requestId }, requester) =>
    change(
      { operation: OPERATIONS[state], filter, ...(requestId !== undefined && { requestId }) },
      requester,
    ),
  )
}

export const setFilterStateContract: ActionContract = {
  input: SetFilterStateInput,
  output: CHANGE_OUTPUT,
  statuses: statusesOf('registered', 'unchanged'),
  refusals: {
    ...REQUEST_REFUSALS,
    ...NAMED_FILTER_REFUSALS,
    enabled_filters_exceeded: 'as many filters as are allowed are enabled already',
    ...GENESYS_REFUSALS,
  },
}
