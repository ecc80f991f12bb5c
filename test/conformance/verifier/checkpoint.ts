import { ED25519, openNote } from './signed-note.ts'
import type { OpenedNote, VerifierKey } from './signed-note.ts'
import { fromBase64, fromDecimal, insist } from './refusal.ts'

// C2SP tlog-checkpoint.

export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
  readonly extensions: readonly string[]
}

export interface OpenedCheckpoint extends Checkpoint, OpenedNote {}

/** Reads a note's text as a tree head. @throws Refusal */
export function readCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root = '', ...more] = text.split('\n')
  const extensions = more.slice(0, -1)
  insist(origin !== '' && more.at(-1) === '', 'checkpoint-malformed', 'no origin, or no end of line')
  insist(!extensions.includes(''), 'checkpoint-malformed', 'an empty extension line')
  return {
    origin,
    size: fromDecimal(size, 'checkpoint-malformed'),
    root: fromBase64(root, 32),
    extensions,
  }
}

/** A checkpoint that the log itself signed: a key of the origin's name. @throws Refusal */
export function openCheckpoint(note: Uint8Array, keys: readonly VerifierKey[]): OpenedCheckpoint {
  const opened = openNote(note, keys)
  const checkpoint = readCheckpoint(opened.text)
  const isLogs = opened.signers.some(
    ({ name, algorithm }) => name === checkpoint.origin && algorithm === ED25519,
  )
  insist(isLogs, 'key-unknown', `${checkpoint.origin} did not sign this`)
  return { ...checkpoint, ...opened }
}
