import { LedgerError } from '../ledger-error.ts'
import { openCheckpoint, parseCheckpoint } from '../note/checkpoint.ts'
import type { Checkpoint } from '../note/checkpoint.ts'
import type { NoteSigner } from '../note/note-signer.ts'
import { formatSignature } from '../note/signed-note.ts'
import type { VerifierKey } from '../note/verifier-key.ts'
import { isConsistent } from '../tree/proof.ts'
import type { Head } from '../tree/proof.ts'
import { parseAddCheckpoint } from './add-checkpoint.ts'

/** What a witness remembers of a log: the newest head that it cosigned. */
export interface WitnessStore {
  readonly read: (origin: string) => Promise<Head | undefined>
  /** Resolves when the head is on disk: only then may it be cosigned. */
  readonly write: (origin: string, head: Head) => Promise<void>
}

/** The answers of C2SP tlog-witness, by their meaning. */
export type WitnessAnswer =
  | { readonly kind: 'cosigned'; readonly signature: string }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'unknown-log' }
  | { readonly kind: 'unknown-key' }
  /** Its last head has another size, or another root: `size` is the one that it has. */
  | { readonly kind: 'conflict'; readonly size: number }
  | { readonly kind: 'inconsistent' }

export interface WitnessDeps {
  readonly signer: NoteSigner
  /** The keys of the logs that it watches; a key's name is its log's origin. */
  readonly logs: readonly VerifierKey[]
  readonly store: WitnessStore
  readonly now: () => Date
}

/** Cosigns a checkpoint only if it goes on from the last one that it cosigned. It never signs two histories. */
export type AddCheckpointHandler = (body: string) => Promise<WitnessAnswer>

/** Makes a witness. Requests about one log are answered one after the other. */
export function createWitness(deps: WitnessDeps): AddCheckpointHandler {
  const turns = new Map<string, Promise<unknown>>()
  return async (body) => {
    const request = readRequest(body, deps.logs)
    if (!('checkpoint' in request)) return request
    const { origin } = request.checkpoint
    const turn = (turns.get(origin) ?? Promise.resolve()).then(() => decide(request, deps))
    turns.set(
      origin,
      turn.catch(() => undefined),
    )
    return turn
  }
}

interface WitnessRequest {
  readonly oldSize: number
  readonly proof: readonly Buffer[]
  readonly checkpoint: Checkpoint
}

function readRequest(body: string, logs: readonly VerifierKey[]): WitnessRequest | WitnessAnswer {
  try {
    const { oldSize, proof, checkpoint: note } = parseAddCheckpoint(body)
    const { origin, size } = parseCheckpoint(note)
    const keys = logs.filter(({ name }) => name === origin)
    if (keys.length === 0) return { kind: 'unknown-log' }
    if (oldSize > size) return { kind: 'malformed', reason: 'the old size is greater than the new one' }
    return { oldSize, proof, checkpoint: openCheckpoint(note, keys, origin) }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    if (error.code === 'key-unknown' || error.code === 'signature-wrong') return { kind: 'unknown-key' }
    return { kind: 'malformed', reason: error.message }
  }
}

async function decide(
  { oldSize, proof, checkpoint }: WitnessRequest,
  deps: WitnessDeps,
): Promise<WitnessAnswer> {
  const { origin, size, root } = checkpoint
  const last = await deps.store.read(origin)
  if (oldSize !== (last?.size ?? 0)) return { kind: 'conflict', size: last?.size ?? 0 }
  if (last?.size === size && !last.root.equals(root)) return { kind: 'conflict', size }
  if (last && !isConsistent(last, { size, root }, proof)) return { kind: 'inconsistent' }
  if (!last && proof.length > 0) return { kind: 'inconsistent' }
  await deps.store.write(origin, { size, root })
  const timeS = Math.floor(deps.now().getTime() / 1000)
  return { kind: 'cosigned', signature: formatSignature(deps.signer.sign(checkpoint.note.text, timeS)) }
}
