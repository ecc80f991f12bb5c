import { requireFiniteNumbers } from '../entry/canonical-json.ts'
import type { Dedupe, EntryDraft, Receipt } from '../entry/entry.ts'
import { composeEntry } from '../entry/seal-entry.ts'
import type { EvidenceHashes } from '../entry/seal-entry.ts'
import { LedgerError } from '../ledger-error.ts'
import type { LedgerErrorCode } from '../ledger-error.ts'
import { signerOf } from '../note/note-signer.ts'
import type { SignerParts } from '../note/note-signer.ts'
import type { AppendEffect } from './append-effect.ts'
import type { AppendOrder, CommitState, Outcome } from './writer.ts'

/** What the writer's thread is started with. */
export interface ThreadData {
  readonly file: string
  readonly busyTimeoutMs: number
  readonly environment: string
  readonly signer: SignerParts
}

/**
 * Orders on their way to the thread: each a JSON text, and the bytes of all their bodies behind one another. Texts cost
 * this thread less than objects, which would be walked member by member, and the other one half as much.
 */
export interface AppendRequest {
  readonly kind: 'append'
  readonly texts: readonly string[]
  readonly bytes: ArrayBuffer
  /** Of the last order. */
  readonly nextSigner: SignerParts | undefined
}

export type WriterRequest =
  | AppendRequest
  | { readonly kind: 'cosignature'; readonly size: number; readonly signature: SentSignature }
  | { readonly kind: 'probe'; readonly at: Date }
  | { readonly kind: 'close' }

export interface SentSignature {
  readonly name: string
  readonly keyId: string
  readonly signature: Uint8Array
}

export type WriterAnswer =
  | { readonly kind: 'ready' }
  /** `text`: {@link SentOutcome}s as JSON. */
  | {
      readonly kind: 'outcomes'
      readonly text: string
      readonly state: Exclude<CommitState, LedgerError> | SentError
    }
  /** To a cosignature or a probe. */
  | { readonly kind: 'done'; readonly error: SentError | undefined }
  /** It could not start. */
  | { readonly kind: 'failed'; readonly error: SentError }

/** An error's class does not survive the way between threads. */
export interface SentError {
  readonly code: LedgerErrorCode
  readonly message: string
  readonly cause?: string
}

type SentOutcome =
  { readonly receipt: Receipt; readonly hashes: EvidenceHashes } | { readonly error: SentError }

interface OrderText {
  readonly at: number
  readonly entry: EntryDraft
  readonly dedupe?: Dedupe | undefined
  readonly effect?: AppendEffect | undefined
  readonly bodies: readonly { readonly name: string; readonly salt: number; readonly size: number }[]
}

/** The order as text, without the bytes of its bodies. @throws LedgerError `entry-invalid` for what JSON would change */
export function encodeOrder({ submission, at, effect }: AppendOrder): string {
  const { entry, dedupe, bodies = [] } = submission
  const order: OrderText = {
    at: at.getTime(),
    entry,
    dedupe,
    effect,
    bodies: bodies.map(({ name, salt, bytes }) => ({ name, salt: salt.length, size: bytes.length })),
  }
  const text = stringify(order)
  // JSON writes null for what is no finite number: without that word there is none.
  if (text.includes('null')) requireFiniteNumbers(entry)
  return text
}

/** The salts and bytes of all bodies, in the order in which {@link decodeOrders} cuts them off again. */
export function packBodies(orders: readonly AppendOrder[]): ArrayBuffer {
  const parts = orders.flatMap(({ submission }) =>
    (submission.bodies ?? []).flatMap(({ salt, bytes }) => [salt, bytes]),
  )
  const packed = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    packed.set(part, at)
    at += part.length
  }
  return packed.buffer
}

export function decodeOrders({ texts, bytes, nextSigner }: AppendRequest): readonly AppendOrder[] {
  const all = Buffer.from(bytes)
  let used = 0
  const cut = (size: number): Buffer => all.subarray(used, (used += size))
  return texts.map((text, i) => {
    const { at, entry, dedupe, effect, bodies } = JSON.parse(text) as OrderText
    return {
      submission: {
        entry,
        ...(dedupe && { dedupe }),
        bodies: bodies.map(({ name, salt, size }) => ({ name, salt: cut(salt), bytes: cut(size) })),
      },
      at: new Date(at),
      ...(effect && { effect }),
      ...(nextSigner && i === texts.length - 1 && { nextSigner: signerOf(nextSigner) }),
    }
  })
}

export function encodeOutcomes(outcomes: readonly Outcome[]): string {
  const sent = outcomes.map((outcome): SentOutcome => {
    if (outcome instanceof LedgerError) return { error: sentError(outcome) }
    const { receipt, hashes } = outcome
    return { receipt, hashes }
  })
  return JSON.stringify(sent)
}

/** The outcomes of the oldest of the orders. An entry is made again of its order, without reading it back. */
export function decodeOutcomes(
  text: string,
  orders: readonly AppendOrder[],
  environment: string,
): readonly Outcome[] {
  const sent = JSON.parse(text) as readonly SentOutcome[]
  return sent.map((outcome, i) => {
    const order = orders[i]
    if ('error' in outcome || !order) return lostOrRefused(outcome)
    const { receipt, hashes } = outcome
    const { id, recordedAt } = receipt
    return {
      receipt,
      hashes,
      type: order.submission.entry.type,
      entry: () => composeEntry(order.submission, { id, recordedAt, environment, hashes }),
    }
  })
}

export function sentError({ code, message, cause }: LedgerError): SentError {
  return { code, message, ...(cause instanceof Error && { cause: cause.message }) }
}

export function receivedError({ code, message, cause }: SentError): LedgerError {
  return new LedgerError(code, message, cause === undefined ? {} : { cause: new Error(cause) })
}

function lostOrRefused(outcome: SentOutcome): LedgerError {
  if ('error' in outcome) return receivedError(outcome.error)
  return new LedgerError('ledger-unavailable', 'the writer answered what nobody asked')
}

function stringify(order: OrderText): string {
  try {
    return JSON.stringify(order)
  } catch (cause) {
    throw new LedgerError('entry-invalid', 'the entry has no JSON text: is it nested too deep?', { cause })
  }
}
