import { IsIn } from 'class-validator'
import type { PipelineOperations } from '../pipeline/operations.ts'
import type { DataAction } from './action.ts'
import { changeAction, FilterInput } from './change-input.ts'

/** What a flow may set, and the operation that does it. Blocking again takes a promotion. */
const OPERATIONS = { enabled: 'enable', disabled: 'disable', demoted: 'demote' } as const
const STATES = Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[]

class SetFilterStateInput extends FilterInput {
  @IsIn(STATES, { message: `must be one of ${STATES.join(', ')}` })
  state!: keyof typeof OPERATIONS
}

/** Set Filter State: enables, disables or demotes a filter. */
export function setFilterStateAction({ change }: Pick<PipelineOperations, 'change'>): DataAction {
  return changeAction(SetFilterStateInput, ({ filter, state, requestId }, requester) =>
    change(
      { operation: OPERATIONS[state], filter, ...(requestId !== undefined && { requestId }) },
      requester,
    ),
  )
}
