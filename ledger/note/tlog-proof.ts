import { LedgerError } from '../ledger-error.ts'
import { leafHash } from '../tree/merkle.ts'
import { isIncluded } from '../tree/proof.ts'
import { decodeBase64 } from './base64.ts'
import { openCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { VerifierKey } from './verifier-key.ts'

/** An offline proof that one entry is in the ledger (C2SP tlog-proof). */
export interface TlogProof {
  readonly index: number
  readonly path: readonly Buffer[]
  /** The signed note. */
  readonly checkpoint: string
}

const HEADER = 'c2sp.org/tlog-proof@v1'

/** The proof file's text. */
export function formatTlogProof({ index, path, checkpoint }: TlogProof): string {
  const hashes = path.map((hash) => `${hash.toString('base64')}\n`).join('')
  return `${HEADER}\nindex ${index}\n${hashes}\n${checkpoint}`
}

/** Reads back {@link formatTlogProof}. An `extra` line (base64) is allowed and not used. @throws LedgerError `proof-malformed` */
export function parseTlogProof(text: string): TlogProof {
  const split = text.indexOf('\n\n')
  const [header, ...lines] = text.slice(0, Math.max(0, split)).split('\n')
  const extra = lines[0]?.startsWith('extra ') ? lines.shift()?.slice('extra '.length) : ''
  const [, index] = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '') ?? []
  const path = lines.map(decodeBase64).filter((hash) => hash?.length === 32)
  const isIndex = index !== undefined && Number.isSafeInteger(Number(index))
  if (
    header !== HEADER ||
    !isIndex ||
    path.length !== lines.length ||
    decodeBase64(extra ?? '') === undefined
  ) {
    throw new LedgerError(
      'proof-malformed',
      `this is not a proof: it must begin with ${HEADER} and an index line`,
    )
  }
  return { index: Number(index), path: path as readonly Buffer[], checkpoint: text.slice(split + 2) }
}

/**
 * Verifies an entry's exact bytes against a proof file and keys: all that a third party needs.
 *
 * @throws LedgerError `proof-malformed`, `proof-wrong`, and what {@link openCheckpoint} throws
 */
export function verifyTlogProof(entry: Uint8Array, proof: string, keys: readonly VerifierKey[]): Checkpoint {
  const { index, path, checkpoint: note } = parseTlogProof(proof)
  const checkpoint = openCheckpoint(note, keys)
  if (isIncluded(leafHash(entry), index, checkpoint.size, path, checkpoint.root)) return checkpoint
  throw new LedgerError('proof-wrong', `the entry is not entry ${index} of ${checkpoint.origin}`)
}
