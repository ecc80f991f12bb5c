import { createPublicKey, verify } from 'node:crypto'
import { sha256 } from './merkle-tree.ts'
import { fromBase64, insist, Refusal } from './refusal.ts'

// C2SP signed-note and tlog-cosignature (the Ed25519 kinds).

export const ED25519 = 0x01
export const COSIGNATURE_V1 = 0x04
const LENGTHS: Readonly<Record<number, number>> = { [ED25519]: 64, [COSIGNATURE_V1]: 72 }

export interface VerifierKey {
  readonly name: string
  /** 8 hex digits. */
  readonly id: string
  readonly algorithm: number
  readonly publicKey: Buffer
}

export interface SignatureLine {
  readonly name: string
  readonly id: string
  readonly signature: Buffer
}

export interface OpenedNote {
  readonly text: string
  /** The known keys whose signatures hold. */
  readonly signers: readonly VerifierKey[]
  /** Unix seconds of the cosignatures that hold, by key name. */
  readonly times: ReadonlyMap<string, bigint>
}

/** Reads `name+id+base64`. @throws Refusal */
export function readKey(text: string): VerifierKey {
  const [, name, id, material] = /^([^+]*)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? []
  insist(
    name !== undefined && id !== undefined && material !== undefined && isName(name),
    'key-malformed',
    `not a verifier key: ${text}`,
  )
  const bytes = asRefused('key-malformed', () => fromBase64(material))
  const [algorithm = 0] = bytes
  insist(LENGTHS[algorithm] !== undefined && bytes.length === 33, 'key-malformed', 'not an Ed25519 key')
  const derived = sha256(Buffer.from(`${name}\n`), bytes)
    .subarray(0, 4)
    .toString('hex')
  insist(derived === id, 'key-malformed', `the key id is ${derived}, not ${id}`)
  return { name, id, algorithm, publicKey: bytes.subarray(1) }
}

/** Splits a note at its last empty line. @throws Refusal */
export function splitNote(bytes: Uint8Array): {
  readonly text: string
  readonly lines: readonly SignatureLine[]
} {
  const note = asRefused('note-malformed', () =>
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
  )
  // eslint-disable-next-line no-control-regex -- the characters that a note must not hold
  insist(!/[\u0000-\u0009\u000b-\u001f]/.test(note), 'note-malformed', 'a control character')
  const at = note.lastIndexOf('\n\n')
  insist(at >= 0 && note.endsWith('\n'), 'note-malformed', 'no empty line, or no end of line')
  const signatures = note.slice(at + 2, -1).split('\n')
  insist(note.length > at + 2 && signatures.length <= 100, 'note-malformed', 'no signature, or too many')
  return { text: note.slice(0, at + 1), lines: signatures.map(readSignatureLine) }
}

/** Verifies what the known keys signed: one wrong signature of a known key refuses the note. @throws Refusal */
export function openNote(bytes: Uint8Array, keys: readonly VerifierKey[]): OpenedNote {
  const { text, lines } = splitNote(bytes)
  const signers: VerifierKey[] = []
  const times = new Map<string, bigint>()
  for (const line of lines) {
    const key = keys.find(({ name, id }) => name === line.name && id === line.id)
    if (key === undefined) continue
    insist(line.signature.length === LENGTHS[key.algorithm], 'signature-wrong', `${key.name}: length`)
    const time = key.algorithm === COSIGNATURE_V1 ? line.signature.readBigUInt64BE(0) : undefined
    const message = time === undefined ? text : `cosignature/v1\ntime ${time}\n${text}`
    insist(
      (time ?? 0n) < 2n ** 63n &&
        verify(null, Buffer.from(message), ed25519(key), line.signature.subarray(time === undefined ? 0 : 8)),
      'signature-wrong',
      `the signature of ${key.name} does not hold`,
    )
    signers.push(key)
    if (time !== undefined) times.set(key.name, time)
  }
  insist(signers.length > 0, 'key-unknown', 'no known key signed')
  return { text, signers, times }
}

function readSignatureLine(line: string): SignatureLine {
  const [, name, base64] = /^\u2014 ([^ ]+) ([^ ]+)$/.exec(line) ?? []
  insist(
    name !== undefined && base64 !== undefined && isName(name),
    'note-malformed',
    `not a signature: ${line}`,
  )
  const bytes = asRefused('note-malformed', () => fromBase64(base64))
  insist(bytes.length > 4, 'note-malformed', 'a signature without a signature')
  return { name, id: bytes.subarray(0, 4).toString('hex'), signature: bytes.subarray(4) }
}

/** Not empty, no Unicode space, no plus. */
const isName = (name: string): boolean => /^[^+\p{White_Space}]+$/u.test(name)

const ed25519 = ({ publicKey }: VerifierKey) =>
  createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') },
    format: 'jwk',
  })

function asRefused<T>(code: 'key-malformed' | 'note-malformed', read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new Refusal(code, 'not base 64, or not UTF-8', { cause })
  }
}
