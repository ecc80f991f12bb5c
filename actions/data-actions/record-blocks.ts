import type { BatchAction } from './record-batch.ts'
import { batchAction } from './record-batch.ts'
import { blockReader } from './record-block.ts'
import type { RecordBlockDeps } from './record-block.ts'

/** Record Filter Block for many decisions at a time: each is read, refused or recorded by itself. */
export function recordBlocks(deps: RecordBlockDeps): BatchAction {
  return batchAction(deps.append, blockReader(deps))
}
