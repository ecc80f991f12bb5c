import type { PipelineOperations } from '../pipeline/operations.ts'
import type { DataAction } from './action.ts'
import { changeAction, FilterInput } from './change-input.ts'

class RemoveFilterInput extends FilterInput {}

/** Remove Safety Filter: deletes a filter that was made or imported through this ledger. */
export function removeFilterAction({ change }: Pick<PipelineOperations, 'change'>): DataAction {
  return changeAction(RemoveFilterInput, ({ filter, requestId }, requester) =>
    change({ operation: 'delete', filter, ...(requestId !== undefined && { requestId }) }, requester),
  )
}
