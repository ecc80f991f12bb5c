import { IsInt, Min } from 'class-validator'
import type { PipelineOperations } from '../pipeline/operations.ts'
import type { DataAction } from './action.ts'
import { changeAction, FilterInput } from './change-input.ts'

class RollbackFilterInput extends FilterInput {
  @IsInt({ message: 'a whole number is expected' })
  @Min(1, { message: 'revisions count from 1' })
  revision!: number
}

/** Roll Back Safety Filter: a filter as one of its earlier revisions was, by the number that `history` tells. */
export function rollbackFilterAction({ rollback }: Pick<PipelineOperations, 'rollback'>): DataAction {
  return changeAction(RollbackFilterInput, ({ filter, revision, requestId }, requester) =>
    rollback({ filter, to: { revision }, ...(requestId !== undefined && { requestId }) }, requester),
  )
}
