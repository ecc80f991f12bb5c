import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { LedgerError } from '../ledger/ledger-error.ts'
import { parseVerifierKey } from '../ledger/note/verifier-key.ts'
import type { LogReader } from '../ledger/store/log-reader.ts'
import type { Ledger } from '../ledger/store/open-ledger.ts'
import type { Witness } from '../ledger/witness/ask-witness.ts'
import { createCosigner, isAlarm } from '../ledger/witness/cosigner.ts'
import type { Cosigner } from '../ledger/witness/cosigner.ts'
import type { WitnessConfig } from './config.ts'
import { CliError, EXIT } from './exit.ts'

/** Where it is told what the witnesses answer. */
export interface WitnessReport {
  readonly log: Logger
  readonly countAnswer: (witness: string, outcome: string) => void
}

/**
 * Asks the witnesses once before anything is served, then follows the ledger. One that cannot be reached is told
 * and asked again; one that has seen another history, or a longer one, keeps the receiver from serving.
 *
 * @throws LedgerError `ledger-rolled-back`, `ledger-forked`; CliError for a wrong file
 */
export async function openWitnesses(
  ledger: Ledger,
  { witnessFile, witnessQuorum }: WitnessConfig,
  { log, countAnswer }: WitnessReport,
): Promise<Cosigner> {
  const witnesses = readWitnesses({ witnessFile, witnessQuorum })
  const cosigner = createCosigner(ledger, {
    witnesses,
    quorum: witnessQuorum,
    fetch: globalThis.fetch,
    now: () => new Date(),
    onOutcome: (witness, error) => {
      countAnswer(witness, error?.code ?? 'cosigned')
      if (!error) return
      const line = { witness, code: error.code, reason: error.message }
      if (isAlarm(error))
        log.error(line, 'a witness has seen another history of this ledger, or a longer one')
      else log.warn(line, 'a witness did not cosign')
    },
  })
  await cosigner.ask()
  cosigner.follow()
  return cosigner
}

/** The witnesses that the configuration names: enough of them, and no two the same. @throws CliError */
export function readWitnesses({ witnessFile, witnessQuorum }: WitnessConfig): readonly Witness[] {
  const witnesses = witnessFile === undefined ? [] : readWitnessFile(witnessFile)
  if (witnessQuorum <= witnesses.length) return witnesses
  throw new CliError(
    EXIT.usage,
    `FILTER_LEDGER_WITNESS_QUORUM is ${witnessQuorum}, but ${witnesses.length} witnesses are named`,
  )
}

/** The newest checkpoint that enough of the configured witnesses cosigned; undefined when there is none. */
export function newestCheckpoint(log: LogReader, config: WitnessConfig): string | undefined {
  const keys = readWitnesses(config).map(({ key }) => key)
  if (config.witnessQuorum === 0) return log.checkpoint()
  const size = log.newestCosigned(keys, config.witnessQuorum)
  return size === undefined ? undefined : log.checkpointAt(size)
}

function readWitnessFile(path: string): readonly Witness[] {
  const lines = readText(path)
    .split('\n')
    .map((line) => line.trim())
  const named = lines
    .map((line, i) => ({ line, place: `${path}, line ${i + 1}` }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, place }) => ({ place, witness: readWitness(line, place) }))
  named.forEach(({ place, witness: { key } }, i) => {
    const before = named.slice(0, i).map(({ witness }) => witness.key)
    if (before.some(({ name, publicKey }) => name === key.name || publicKey.equals(key.publicKey)))
      throw new CliError(EXIT.usage, `${place}: the name or the key of ${key.name} stands there twice`)
  })
  return named.map(({ witness }) => witness)
}

function readWitness(line: string, place: string): Witness {
  const [url = '', key = '', ...rest] = line.split(/\s+/)
  if (!URL.canParse(url) || rest.length > 0)
    throw new CliError(EXIT.usage, `${place}: a URL, a space and a verifier key are expected`)
  const witness = { url: new URL(url), key: parseKey(key, place) }
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(witness.url.hostname)
  if (witness.url.protocol !== 'https:' && !(witness.url.protocol === 'http:' && isLoopback))
    throw new CliError(EXIT.usage, `${place}: the URL must be https (http only on this machine)`)
  if (witness.key.type !== 'cosignature')
    throw new CliError(EXIT.usage, `${place}: this is the key of a ledger, not of a witness`)
  return witness
}

function parseKey(text: string, place: string) {
  try {
    return parseVerifierKey(text)
  } catch (error) {
    if (error instanceof LedgerError) throw new CliError(EXIT.usage, `${place}: ${error.message}`)
    throw error
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new CliError(EXIT.usage, `FILTER_LEDGER_WITNESSES: ${path} cannot be read`, { cause: error })
  }
}
