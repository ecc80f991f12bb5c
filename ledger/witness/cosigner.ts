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
  /** Milliseconds to wait at most before a witness that did not answer is asked again. Default 60,000; each wait doubles. */
  readonly maxIntervalMs?: number
}

/** Has the ledger's checkpoints cosigned, and knows which may be published. */
export interface Cosigner {
  /** The newest checkpoint that enough witnesses cosigned. */
  readonly published: () => string | undefined
  /**
   * Asks the witnesses about the newest checkpoint, but for those that it has cosigned already.
   *
   * @throws LedgerError `ledger-rolled-back`, `ledger-forked` when one has seen another history
   */
  readonly ask: () => Promise<void>
  /** Asks again from now on: when there is a newer checkpoint, and while a cosignature of the newest is missing. */
  readonly follow: () => void
  readonly stop: () => void
}

/** Makes the cosigner of a ledger. Cosignatures are kept beside their checkpoint, and served with it. */
export function createCosigner(
  ledger: Pick<Ledger, 'log' | 'addCosignature' | 'onCheckpoint'>,
  options: CosignerOptions,
): Cosigner {
  const { quorum, intervalMs = 1000, maxIntervalMs = 60_000 } = options
  const witnesses = oneOfEachKey(options.witnesses)
  const keys = witnesses.map(({ key }) => key)
  // What each witness cosigned last, by key id. Lost at a restart: it then answers with what it has.
  const sizes = new Map<string, number>()
  let publishedSize = ledger.log.newestCosigned(keys, quorum)
  let timer: NodeJS.Timeout | undefined
  let due: 'soon' | 'later' | undefined
  let asking = false
  let stopped = false
  // Rounds in a row after which a cosignature was still missing.
  let missed = 0

  const ask = async (): Promise<void> => {
    const checkpoint = ledger.log.checkpoint()
    if (checkpoint === undefined) return
    const { size } = parseCheckpoint(checkpoint)
    const missing = witnesses.filter(({ key }) => sizes.get(key.keyId) !== size)
    const outcomes = await Promise.all(missing.map((witness) => askOne(witness, checkpoint, size)))
    if (quorum > 0 && !stopped) publishedSize = ledger.log.newestCosigned(keys, quorum)
    missed = outcomes.some((error) => error && !isAlarm(error)) ? missed + 1 : 0
    const alarm = outcomes.find((error) => error && isAlarm(error))
    if (alarm) throw alarm
  }

  const askOne = async (
    witness: Witness,
    checkpoint: string,
    size: number,
  ): Promise<LedgerError | undefined> => {
    const { name, keyId } = witness.key
    const error = await cosignatureOf(witness, checkpoint, sizes.get(keyId) ?? 0).then(
      (signature) => keep(size, signature),
      (failure: unknown) => {
        if (failure instanceof LedgerError) return failure
        throw failure
      },
    )
    if (!error) sizes.set(keyId, size)
    if (!stopped) options.onOutcome(name, error)
    return error
  }

  const keep = async (size: number, signature: NoteSignature): Promise<LedgerError | undefined> => {
    // The ledger may be closed by now.
    if (stopped) return undefined
    try {
      await ledger.addCosignature(size, signature)
      return undefined
    } catch (cause) {
      const message = `the cosignature of ${signature.name} cannot be stored: ${reasonOf(cause)}`
      return new LedgerError('ledger-unavailable', message, { cause })
    }
  }

  const cosignatureOf = (witness: Witness, checkpoint: string, oldSize: number): Promise<NoteSignature> => {
    const proofBetween = (from: number, to: number): readonly Buffer[] =>
      consistencyProof(from, to, ledger.log.node)
    return askWitness(witness, { checkpoint, oldSize, proofBetween }, options)
  }

  const schedule = (when: 'soon' | 'later'): void => {
    // A round that is due soon is not put off: under load there is always a newer checkpoint.
    if (stopped || due === 'soon' || due === when) return
    clearTimeout(timer)
    due = when
    const ms = when === 'soon' ? intervalMs : Math.min(intervalMs * 2 ** missed, maxIntervalMs)
    timer = setTimeout(round, ms).unref()
  }

  const round = (): void => {
    due = undefined
    if (asking) {
      schedule('soon')
      return
    }
    asking = true
    void ask()
      .catch(tellAll)
      .finally(() => {
        asking = false
        if (missed > 0) schedule('later')
      })
  }

  /** What a witness answered was told already; that the ledger itself cannot be read was not. */
  const tellAll = (cause: unknown): void => {
    if (stopped || cause instanceof LedgerError) return
    missed++
    const error = new LedgerError('ledger-unavailable', `no witness could be asked: ${reasonOf(cause)}`, {
      cause,
    })
    for (const { name } of keys) options.onOutcome(name, error)
  }

  return {
    published: () => {
      if (quorum === 0) return ledger.log.checkpoint()
      return publishedSize === undefined ? undefined : ledger.log.checkpointAt(publishedSize)
    },
    ask,
    follow: () => {
      ledger.onCheckpoint(() => {
        schedule('soon')
      })
      if (missed > 0) schedule('later')
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/** A witness has cosigned another history, or a longer one: somebody has to look, asking again does not help. */
export function isAlarm({ code }: LedgerError): boolean {
  return code === 'ledger-rolled-back' || code === 'ledger-forked'
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** A quorum is of keys: whoever holds one key has one voice, under however many names. */
function oneOfEachKey(witnesses: readonly Witness[]): readonly Witness[] {
  return [...new Map(witnesses.map((witness) => [witness.key.publicKey.toString('hex'), witness])).values()]
}
