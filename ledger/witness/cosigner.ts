import { LedgerError } from '../ledger-error.ts'
import { parseCheckpoint } from '../note/checkpoint.ts'
import type { NoteSignature } from '../note/signed-note.ts'
import type { Ledger } from '../store/open-ledger.ts'
import { consistencyProof } from '../tree/proof.ts'
import { askWitness } from './ask-witness.ts'
import type { AskOptions, Witness } from './ask-witness.ts'

export interface CosignerOptions extends AskOptions {
  readonly witnesses: readonly Witness[]
  /** Cosignatures that a checkpoint needs before it is published; 0: none. */
  readonly quorum: number
  /** Called for each witness and checkpoint, with the error if it did not cosign. Must not throw. */
  readonly onOutcome: (name: string, error: LedgerError | undefined) => void
  /** Milliseconds between one round and the next. Default 1000: witnesses are shared, and a checkpoint covers all before it. */
  readonly intervalMs?: number
}

/** Has the ledger's checkpoints cosigned, and knows which may be published. */
export interface Cosigner {
  /** The newest checkpoint that enough witnesses cosigned. */
  readonly published: () => string | undefined
  /**
   * Asks all witnesses once about the newest checkpoint.
   *
   * @throws LedgerError `ledger-rolled-back`, `ledger-forked` when one has seen another history
   */
  readonly ask: () => Promise<void>
  /** Asks again from now on whenever there is a newer checkpoint. */
  readonly follow: () => void
  readonly stop: () => void
}

/** Makes the cosigner of a ledger. Cosignatures are kept beside their checkpoint, and served with it. */
export function createCosigner(
  ledger: Pick<Ledger, 'log' | 'addCosignature' | 'onCheckpoint'>,
  options: CosignerOptions,
): Cosigner {
  const { quorum, intervalMs = 1000 } = options
  const witnesses = oneOfEachKey(options.witnesses)
  const keys = witnesses.map(({ key }) => key)
  // What each witness cosigned last. Lost at a restart: it then answers with what it has.
  const sizes = new Map<string, number>()
  let publishedSize = ledger.log.newestCosigned(keys, quorum)
  let timer: NodeJS.Timeout | undefined
  let asking = false
  let stopped = false

  const ask = async (): Promise<void> => {
    const checkpoint = ledger.log.checkpoint()
    if (checkpoint === undefined || witnesses.length === 0) return
    const { size } = parseCheckpoint(checkpoint)
    const outcomes = await Promise.all(witnesses.map((witness) => askOne(witness, checkpoint, size)))
    const cosigned = outcomes.filter((error) => error === undefined).length
    if (cosigned >= quorum) publishedSize = Math.max(publishedSize ?? 0, size)
    const alarm = outcomes.find(
      (error) => error?.code === 'ledger-rolled-back' || error?.code === 'ledger-forked',
    )
    if (alarm) throw alarm
  }

  const askOne = async (
    witness: Witness,
    checkpoint: string,
    size: number,
  ): Promise<LedgerError | undefined> => {
    const { name, keyId } = witness.key
    const error = await cosignatureOf(witness, checkpoint, sizes.get(keyId) ?? 0).then(
      (signature) => {
        ledger.addCosignature(size, signature)
        sizes.set(keyId, size)
        return undefined
      },
      (failure: unknown) => {
        if (failure instanceof LedgerError) return failure
        throw failure
      },
    )
    options.onOutcome(name, error)
    return error
  }

  const cosignatureOf = (witness: Witness, checkpoint: string, oldSize: number): Promise<NoteSignature> => {
    const proofBetween = (from: number, to: number): readonly Buffer[] =>
      consistencyProof(from, to, ledger.log.node)
    return askWitness(witness, { checkpoint, oldSize, proofBetween }, options)
  }

  const schedule = (): void => {
    timer ??= setTimeout(round, intervalMs).unref()
  }

  const round = (): void => {
    timer = undefined
    if (stopped) return
    if (asking) {
      schedule()
      return
    }
    asking = true
    // What was refused was told by onOutcome; it is asked again with the next checkpoint.
    void ask()
      .catch(() => undefined)
      .finally(() => (asking = false))
  }

  return {
    published: () => {
      if (quorum === 0) return ledger.log.checkpoint()
      return publishedSize === undefined ? undefined : ledger.log.checkpointAt(publishedSize)
    },
    ask,
    follow: () => {
      ledger.onCheckpoint(schedule)
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/** A quorum is of keys: whoever holds one key has one voice, under however many names. */
function oneOfEachKey(witnesses: readonly Witness[]): readonly Witness[] {
  return [...new Map(witnesses.map((witness) => [witness.key.publicKey.toString('hex'), witness])).values()]
}
