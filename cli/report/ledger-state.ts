import { parseCheckpoint } from '../../ledger/note/checkpoint.ts'
import { keyForSize } from '../../ledger/store/log-reader.ts'
import type { LogReader } from '../../ledger/store/log-reader.ts'
import type { VerifyReport } from '../../ledger/verify/verify-ledger.ts'

/** The ledger that a report was made from. */
export interface LedgerState {
  readonly size: number
  /** The newest; undefined before the first entry. */
  readonly checkpoint: CheckpointState | undefined
  /** What verifying came to; undefined when it was not asked for. */
  readonly verified: Pick<VerifyReport, 'ok' | 'size' | 'root' | 'findings' | 'findingCount'> | undefined
}

export interface CheckpointState {
  readonly origin: string
  readonly size: number
  /** 64 hex digits. */
  readonly root: string
  /** Eight hex digits: of the ledger's own key that signs at this size. */
  readonly keyId: string | undefined
  /** Signatures of others beside it. */
  readonly cosignatures: number
}

/** The newest checkpoint as it says of itself: nothing is verified here. */
export function checkpointState(
  log: Pick<LogReader, 'checkpoint' | 'signingKeys'>,
): CheckpointState | undefined {
  const text = log.checkpoint()
  if (text === undefined) return undefined
  const { origin, size, root, note } = parseCheckpoint(text)
  const own = keyForSize(log.signingKeys(), size)?.keyId
  return {
    origin,
    size,
    root: root.toString('hex'),
    keyId: own,
    cosignatures: note.signatures.filter(({ keyId }) => keyId !== own).length,
  }
}
