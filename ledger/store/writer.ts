import type { Entry, EntryType, Receipt, Submission } from '../entry/entry.ts'
import type { EvidenceHashes } from '../entry/seal-entry.ts'
import type { LedgerError } from '../ledger-error.ts'
import type { NoteSigner } from '../note/note-signer.ts'
import type { NoteSignature } from '../note/signed-note.ts'
import type { AppendEffect } from './append-effect.ts'

/** One append, as the writer is asked for it. */
export interface AppendOrder {
  readonly submission: Submission
  /** The time of recording. */
  readonly at: Date
  readonly effect?: AppendEffect
  /** Signs from the next commit on; the commit of this entry, which ends with it, is signed by both keys. */
  readonly nextSigner?: NoteSigner
}

/** An entry that is on disk. */
export interface Stored {
  readonly receipt: Receipt
  readonly hashes: EvidenceHashes
  readonly type: EntryType
  /** The entry as it was stored; of a duplicate there is none. */
  readonly entry: () => Entry
}

export type Outcome = Stored | LedgerError

/** How the last commit went; `untried` when there was nothing to commit. */
export type CommitState = 'committed' | 'untried' | LedgerError

/** Told after each commit: what became of the oldest orders that had no outcome yet, in their order. */
export type OnOutcomes = (outcomes: readonly Outcome[], state: CommitState) => void

/** The one writer of a ledger file, in this thread or in one of its own. Every order gets one outcome, in order. */
export interface Writer {
  /** @throws LedgerError for what cannot be handed over: it gets no outcome */
  readonly push: (order: AppendOrder) => void
  readonly onOutcomes: (listener: OnOutcomes) => void
  /** Keeps a cosignature, once. @throws LedgerError */
  readonly addCosignature: (size: number, signature: NoteSignature) => Promise<void>
  /** Tries a small write and tells how it went: at once where the writer is in this thread. */
  readonly probe: (at: Date, tell: (error: LedgerError | undefined) => void) => void
  /** Why it writes nothing any more; undefined while it does. */
  readonly lost: () => LedgerError | undefined
  /** Closes the file. Orders without an outcome are to be waited for first. */
  readonly close: () => Promise<void>
}
