import type { ActionContract } from '../contract/action-contract.ts'
import {
  CHANGE_OUTPUT,
  GENESYS_REFUSALS,
  NAMED_FILTER_REFUSALS,
  REQUEST_REFUSALS,
  statusesOf,
} from './change-contract.ts'
import { IsInt, Min } from 'class-validator'
import type { PipelineOperations } from '../pipeline/operations.ts'
import type { DataAction } from './action.ts'
import { Told } from '../contract/told.ts'
import { changeAction, FilterInput } from './change-input.ts'
import type { ChangesUnderWay } from './under-way.ts'

export class RollbackFilterInput extends FilterInput {
  @Told('The revision to go back to, as `filter-ledger history` counts them', { example: 1 })
  @IsInt({ message: 'a whole number is expected' })
  @Min(1, { message: 'revisions count from 1' })
  revision!: number
}

/** Roll Back Safety Filter: a filter as one of its earlier revisions was, by the number that `history` tells. */
export function rollbackFilterAction(
  { rollback }: Pick<PipelineOperations, 'rollback'>,
  underWay: ChangesUnderWay,
): DataAction {
  return changeAction(RollbackFilterInput, underWay, ({ filter, revision, requestId }, requester) =>
    rollback({ filter, to: { revision }, ...(requestId !== undefined && { requestId }) }, requester),
  )
}

export const rollbackFilterContract: ActionContract = {
  input: RollbackFilterInput,
  output: CHANGE_OUTPUT,
  statuses: statusesOf('registered', 'unchanged', 'conflict'),
  refusals: {
    ...REQUEST_REFUSALS,
    ...NAMED_FILTER_REFUSALS,
    revision_unknown: 'there is no such revision, or it is a removal',
    content_unknown: 'no entry holds the content of that revision',
    history_incomplete: 'entries about it are archived, and the archive is away',
    promotion_needed: 'it only flags now and would block again: that takes a promotion',
    name_conflict: 'another filter has its name now',
    priority_conflict: 'another filter has its priority now',
    enabled_filters_exceeded: 'as many filters as are allowed are enabled already',
    priorities_exhausted: 'every priority is taken',
    ...GENESYS_REFUSALS,
  },
}
