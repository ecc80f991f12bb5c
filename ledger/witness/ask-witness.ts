import { readCapped } from '../http/read-body.ts'
import { withDeadline } from '../http/with-deadline.ts'
import { LedgerError } from '../ledger-error.ts'
import { parseCheckpoint } from '../note/checkpoint.ts'
import { cosignatureTime, parseNote, verifiedBy } from '../note/signed-note.ts'
import type { NoteSignature } from '../note/signed-note.ts'
import type { VerifierKey } from '../note/verifier-key.ts'
import { formatAddCheckpoint, SIZE_TYPE } from './add-checkpoint.ts'

/** A witness as a log knows it. */
export interface Witness {
  /** The submission prefix: `add-checkpoint` is asked for below it. */
  readonly url: URL
  /** A key of type cosignature. */
  readonly key: VerifierKey
}

export interface AskOptions {
  readonly fetch: typeof fetch
  readonly now: () => Date
  /** Default 5000. */
  readonly timeoutMs?: number
}

export interface Question {
  readonly checkpoint: string
  /** The size that this witness cosigned last, as far as is known. */
  readonly oldSize: number
  /** The consistency proof between two sizes of the ledger. */
  readonly proofBetween: (from: number, to: number) => readonly Buffer[]
}

/** Answers are a few signature lines. */
const MAX_ANSWER = 16_384
/** A witness whose clock is ahead by more than this is not believed. */
const MAX_AHEAD_S = 600

/**
 * Asks a witness to cosign a checkpoint (C2SP tlog-witness), from the size that it has.
 *
 * @throws LedgerError `witness-unreachable`: ask again later; `witness-refused`: it says no, or answers nonsense;
 *   `ledger-rolled-back`: it has cosigned a larger size; `ledger-forked`: it has cosigned another history
 */
export async function askWitness(
  witness: Witness,
  question: Question,
  options: AskOptions,
): Promise<NoteSignature> {
  const first = await post(witness, question, question.oldSize, options)
  if (first.status !== 409) return readCosignature(witness, question, first, options)
  const size = sizeOf(first, witness)
  const mine = parseCheckpoint(question.checkpoint).size
  if (size > mine) {
    throw new LedgerError(
      'ledger-rolled-back',
      `${witness.key.name} has cosigned ${size} entries, this checkpoint covers ${mine}`,
    )
  }
  if (size === question.oldSize) throw refusedFrom(witness, size)
  const second = await post(witness, question, size, options)
  if (second.status !== 409) return readCosignature(witness, question, second, options)
  const then = sizeOf(second, witness)
  if (then === size) throw refusedFrom(witness, size)
  // It went on meanwhile, or makes sizes up: neither shows another history.
  throw new LedgerError(
    'witness-unreachable',
    `the witness ${witness.key.name} said ${size} entries, and then ${then}: it is asked again later`,
  )
}

/** It says no to the very size that it has: another history, but for no entries, which every history goes on from. */
function refusedFrom(witness: Witness, size: number): LedgerError {
  return size === 0 ? refused(witness, 'it answered 409 to the size that it has') : forked(witness, size)
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

async function post(
  { url, key }: Witness,
  question: Question,
  oldSize: number,
  options: AskOptions,
): Promise<Answer> {
  const { checkpoint, proofBetween } = question
  const proof = proofBetween(oldSize, parseCheckpoint(checkpoint).size)
  const base = url.href.endsWith('/') ? url.href : `${url.href}/`
  try {
    return await withDeadline(options.timeoutMs ?? 5000, async (signal) => {
      const answer = await options.fetch(new URL('add-checkpoint', base), {
        method: 'POST',
        body: formatAddCheckpoint({ oldSize, proof, checkpoint }),
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        redirect: 'error',
        signal,
      })
      const body = await readCapped(answer, MAX_ANSWER, signal)
      if (!body) throw new LedgerError('witness-refused', 'a witness answered more than any answer can be')
      return {
        status: answer.status,
        type: answer.headers.get('content-type') ?? '',
        text: body.toString('utf8'),
      }
    })
  } catch (error) {
    if (error instanceof LedgerError) throw error
    throw new LedgerError('witness-unreachable', `the witness ${key.name} cannot be reached`, {
      cause: error,
    })
  }
}

function readCosignature(
  witness: Witness,
  { checkpoint, oldSize }: Question,
  answer: Answer,
  { now }: AskOptions,
): NoteSignature {
  const { key } = witness
  if (answer.status === 422) throw forked(witness, oldSize)
  if (answer.status >= 500 || answer.status === 429)
    throw new LedgerError('witness-unreachable', `the witness ${key.name} answered ${answer.status}`)
  if (answer.status !== 200) throw refused(witness, `it answered ${answer.status}`)
  const { text } = parseNote(checkpoint)
  const signature = cosignatureOf(witness, text, answer.text)
  if (cosignatureTime(signature) > now().getTime() / 1000 + MAX_AHEAD_S)
    throw refused(witness, 'its clock is far ahead')
  return signature
}

/** Lines of other keys are passed over; a line of its own that does not hold is refused. */
function cosignatureOf(witness: Witness, text: string, lines: string): NoteSignature {
  const { key } = witness
  try {
    const note = parseNote(`${text}\n${lines}`)
    verifiedBy(note, [key])
    const signature = note.signatures.find(({ name, keyId }) => name === key.name && keyId === key.keyId)
    if (signature) return signature
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    throw refused(witness, error.message)
  }
  throw refused(witness, 'its answer holds no signature of its key')
}

function sizeOf({ type, text }: Answer, witness: Witness): number {
  if (type.split(';')[0]?.trim() === SIZE_TYPE && /^(0|[1-9]\d{0,15})\n?$/.test(text)) return Number(text)
  throw refused(witness, 'it answered 409 without its size')
}

function refused({ key }: Witness, reason: string): LedgerError {
  return new LedgerError('witness-refused', `the witness ${key.name} did not cosign: ${reason}`)
}

function forked({ key }: Witness, size: number): LedgerError {
  return new LedgerError(
    'ledger-forked',
    `the witness ${key.name} has cosigned another history of ${size} entries or more`,
  )
}
