import { LedgerError } from '../ledger-error.ts'
import { decodeBase64 } from '../note/base64.ts'

/** What a log asks of a witness (C2SP tlog-witness): to cosign a checkpoint that goes on from the last one. */
export interface AddCheckpoint {
  /** The size of the checkpoint that the witness cosigned last; 0 at first. */
  readonly oldSize: number
  /** From `oldSize` to the checkpoint's size. */
  readonly proof: readonly Buffer[]
  /** The signed note. */
  readonly checkpoint: string
}

/** A tree of 2^63 leaves needs no more. */
const MAX_PROOF = 63

/** The media type of a 409 answer: the size that the witness has. */
export const SIZE_TYPE = 'text/x.tlog.size'

/** The request's body. */
export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  return `old ${oldSize}\n${proof.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${checkpoint}`
}

/** Reads back {@link formatAddCheckpoint}. @throws LedgerError `witness-request-malformed` */
export function parseAddCheckpoint(body: string): AddCheckpoint {
  const split = body.indexOf('\n\n')
  const [first, ...lines] = body.slice(0, Math.max(0, split)).split('\n')
  const [, size] = /^old (0|[1-9]\d{0,15})$/.exec(first ?? '') ?? []
  const proof = lines.map(decodeBase64)
  const hashes = proof.filter((hash) => hash?.length === 32)
  if (size === undefined || hashes.length !== lines.length || lines.length > MAX_PROOF) {
    throw new LedgerError(
      'witness-request-malformed',
      'the body must be "old <size>", at most 63 hashes in base64, an empty line, and a checkpoint',
    )
  }
  return { oldSize: Number(size), proof: hashes as readonly Buffer[], checkpoint: body.slice(split + 2) }
}
