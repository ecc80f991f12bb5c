import { LedgerError } from '../ledger-error.ts'
import { decodeBase64 } from './base64.ts'
import { isKeyName, verifySignature } from './verifier-key.ts'
import type { VerifierKey } from './verifier-key.ts'

/** One signature line: who signed, with which key, and the bytes after the key id. */
export interface NoteSignature {
  readonly name: string
  /** 8 hex digits. */
  readonly keyId: string
  readonly signature: Buffer
}

/** A signed note (C2SP signed-note). `text` ends with a newline; the signatures cover exactly it. */
export interface SignedNote {
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** More lines than any witness network needs, and few enough to be read without thought. */
const MAX_SIGNATURES = 100
const MAX_NOTE_CHARACTERS = 1_000_000
const SIGNATURE_LINE = /^\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)$/

/** The note as text: what a checkpoint route serves and a database keeps. */
export function formatNote({ text, signatures }: SignedNote): string {
  return `${text}\n${signatures.map(formatSignature).join('')}`
}

/** One line, with its newline: an em dash, the key's name, base64(key id ‖ signature). */
export function formatSignature({ name, keyId, signature }: NoteSignature): string {
  const bytes = Buffer.concat([Buffer.from(keyId, 'hex'), signature])
  return `\u2014 ${name} ${bytes.toString('base64')}\n`
}

/** Reads a note. Text and signatures are split at the last empty line. @throws LedgerError `note-malformed` */
export function parseNote(note: string): SignedNote {
  if (note.length > MAX_NOTE_CHARACTERS) throw malformed('it is too long')
  if (!note.isWellFormed() || hasControlCharacter(note)) throw malformed('it holds a control character')
  const split = note.lastIndexOf('\n\n')
  if (split < 0 || !note.endsWith('\n')) throw malformed('it has no empty line before its signatures')
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) throw malformed(`it has more than ${MAX_SIGNATURES} signatures`)
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) }
}

/**
 * The keys whose signature the note carries. Lines of unknown keys are passed over.
 *
 * @throws LedgerError `signature-wrong` when a known key's signature fails: the note was altered
 */
export function verifiedBy(note: SignedNote, keys: readonly VerifierKey[]): readonly VerifierKey[] {
  return keys.filter((key) => {
    const lines = note.signatures.filter(({ name, keyId }) => name === key.name && keyId === key.keyId)
    for (const { signature } of lines) {
      if (!isSignedBy(key, note.text, signature)) {
        throw new LedgerError(
          'signature-wrong',
          `the signature of ${key.name} (${key.keyId}) does not fit the note`,
        )
      }
    }
    return lines.length > 0
  })
}

/** What a witness signs: its time, then the note (C2SP tlog-cosignature, version 1). */
export function cosignedMessage(timeS: number | bigint, text: string): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${timeS}\n${text}`, 'utf8')
}

/** The time of a cosignature, in seconds since 1970: its first eight bytes. */
export function cosignatureTime({ signature }: NoteSignature): number {
  return Number(signature.readBigUInt64BE(0))
}

function isSignedBy(key: VerifierKey, text: string, signature: Buffer): boolean {
  if (key.type === 'ed25519') return verifySignature(key, Buffer.from(text, 'utf8'), signature)
  if (signature.length !== 72) return false
  const time = signature.readBigUInt64BE(0)
  if (time >= 2n ** 63n) return false
  return verifySignature(key, cosignedMessage(time, text), signature.subarray(8))
}

function parseSignature(line: string): NoteSignature {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? []
  const bytes = encoded === undefined ? undefined : decodeBase64(encoded)
  if (name === undefined || bytes === undefined || bytes.length < 5 || !isKeyName(name)) {
    throw malformed('a signature line does not read "\u2014 <name> <base64>"')
  }
  return { name, keyId: bytes.subarray(0, 4).toString('hex'), signature: Buffer.from(bytes.subarray(4)) }
}

function hasControlCharacter(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- the specification names them: all below U+0020 but the newline
  return /[\u0000-\u0009\u000b-\u001f]/.test(text)
}

function malformed(reason: string): LedgerError {
  return new LedgerError('note-malformed', `this is not a signed note: ${reason}`)
}
