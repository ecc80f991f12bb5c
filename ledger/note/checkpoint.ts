import { LedgerError } from '../ledger-error.ts'
import type { Head } from '../tree/proof.ts'
import { decodeBase64 } from './base64.ts'
import { parseNote, verifiedBy } from './signed-note.ts'
import type { SignedNote } from './signed-note.ts'
import type { VerifierKey } from './verifier-key.ts'

/** What a checkpoint says (C2SP tlog-checkpoint): this log had this root at this size. */
export interface Checkpoint extends Head {
  /** A schema-less URL that names the ledger, unique for ever. */
  readonly origin: string
  readonly note: SignedNote
}

/** The text that is signed: origin, size, root, a line each. */
export function checkpointText(origin: string, { size, root }: Head): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`
}

/**
 * Reads a checkpoint without asking who signed it: only {@link openCheckpoint} makes it trustworthy.
 *
 * @throws LedgerError `note-malformed`
 */
export function parseCheckpoint(text: string): Checkpoint {
  const note = parseNote(text)
  const [origin, size, encoded, ...rest] = note.text.slice(0, -1).split('\n')
  const root = encoded === undefined ? undefined : decodeBase64(encoded)
  const isSize = size !== undefined && /^(0|[1-9]\d{0,15})$/.test(size) && Number.isSafeInteger(Number(size))
  if (!origin || !isSize || root?.length !== 32 || rest.includes('')) {
    throw new LedgerError(
      'note-malformed',
      'the note is not a checkpoint: origin, size and root, a line each',
    )
  }
  return { origin, size: Number(size), root, note }
}

/**
 * Reads a checkpoint and requires the signature of one of the keys that is the log's own: it signs under the
 * checkpoint's origin. A witness's alone says that the log said so, not that it is so.
 *
 * @throws LedgerError `note-malformed`, `signature-wrong`, `key-unknown`, `origin-mismatch`
 */
export function openCheckpoint(text: string, keys: readonly VerifierKey[], origin?: string): Checkpoint {
  const checkpoint = parseCheckpoint(text)
  if (origin !== undefined && checkpoint.origin !== origin) {
    throw new LedgerError('origin-mismatch', `this is a checkpoint of ${checkpoint.origin}, not of ${origin}`)
  }
  const known = verifiedBy(checkpoint.note, keys).filter(({ type }) => type === 'ed25519')
  if (known.some(({ name }) => name === checkpoint.origin)) return checkpoint
  if (known.length > 0) {
    const names = known.map(({ name }) => name).join(', ')
    throw new LedgerError(
      'origin-mismatch',
      `the checkpoint calls itself ${checkpoint.origin}, and of the known keys only ${names} signed it`,
    )
  }
  const signers = checkpoint.note.signatures.map(({ name, keyId }) => `${name} (${keyId})`).join(', ')
  throw new LedgerError(
    'key-unknown',
    `none of the known keys of a log signed this checkpoint; it names ${signers}`,
  )
}
