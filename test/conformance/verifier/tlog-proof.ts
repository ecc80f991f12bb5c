import { openCheckpoint } from './checkpoint.ts'
import type { OpenedCheckpoint } from './checkpoint.ts'
import { leafHash, provesInclusion } from './merkle-tree.ts'
import { fromBase64, fromDecimal, insist } from './refusal.ts'
import type { VerifierKey } from './signed-note.ts'

// C2SP tlog-proof.

export interface TlogProof {
  readonly index: number
  readonly path: readonly Buffer[]
  /** Not authenticated. */
  readonly extra: Buffer | undefined
  readonly checkpoint: string
}

/** @throws Refusal */
export function readProof(text: string): TlogProof {
  const end = text.indexOf('\n\n')
  insist(end > 0, 'proof-malformed', 'no empty line before the checkpoint')
  const [header, ...lines] = text.slice(0, end).split('\n')
  insist(header === 'c2sp.org/tlog-proof@v1', 'proof-malformed', `not a tlog-proof: ${header ?? ''}`)
  const extra = lines[0]?.startsWith('extra ') === true ? lines.shift() : undefined
  const index = lines.shift() ?? ''
  insist(index.startsWith('index '), 'proof-malformed', 'no index')
  return {
    index: fromDecimal(index.slice(6), 'proof-malformed'),
    path: lines.map((line) => fromBase64(line, 32)),
    extra: extra === undefined ? undefined : fromBase64(extra.slice(6)),
    checkpoint: text.slice(end + 2),
  }
}

/** Verifies an entry with this text and keys alone. @throws Refusal */
export function verifyProof(
  entry: Uint8Array,
  text: string,
  keys: readonly VerifierKey[],
): OpenedCheckpoint & { readonly index: number } {
  const { index, path, checkpoint } = readProof(text)
  const opened = openCheckpoint(Buffer.from(checkpoint), keys)
  const holds = provesInclusion({ index, hash: leafHash(entry) }, opened, path)
  insist(holds, 'proof-wrong', `entry ${index} is not in the tree of ${opened.size}`)
  return { ...opened, index }
}
