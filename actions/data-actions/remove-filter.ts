import type { ActionContract } from '../contract/action-contract.ts'
import {
  CHANGE_OUTPUT,
  GENESYS_REFUSALS,
  NAMED_FILTER_REFUSALS,
  REQUEST_REFUSALS,
  statusesOf,
} from './change-contract.ts'
import type { PipelineOperations } from '../pipeline/operations.ts'
import type { DataAction } from './action.ts'
import { changeAction, FilterInput } from './change-input.ts'
import type { ChangesUnderWay } from './under-way.ts'

export class RemoveFilterInput extends FilterInput {}

/** Remove Safety Filter: deletes a filter that was made or imported through this ledger. */
export function removeFilterAction(
  { change }: Pick<PipelineOperations, 'change'>,
  underWay: ChangesUnderWay,
): DataAction {
  return changeAction(RemoveFilterInput, underWay, ({ filter, requestId }, requester) =>
    change({ operation: 'delete', filter, ...(requestId !== undefined && { requestId }) }, requester),
  )
}

export const removeFilterContract: ActionContract = {
  input: RemoveFilterInput,
  output: CHANGE_OUTPUT,
  statuses: statusesOf('removed', 'unchanged'),
  refusals: {
    ...REQUEST_REFUSALS,
    ...NAMED_FILTER_REFUSALS,
    not_owned: 'it was not made or imported through this ledger: `filter-ledger import` it first',
    ...GENESYS_REFUSALS,
  },
}
