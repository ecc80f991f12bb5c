import { generateKeyPairSync } from 'node:crypto'
import { existsSync, linkSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { LedgerError } from '../ledger/ledger-error.ts'
import { noteSigner } from '../ledger/note/note-signer.ts'
import type { NoteSigner } from '../ledger/note/note-signer.ts'
import { isKeyName } from '../ledger/note/verifier-key.ts'
import type { VerifierKey } from '../ledger/note/verifier-key.ts'
import { CliError, EXIT } from './exit.ts'
import { readSecret, writeSecret } from './secret-file.ts'
import { syncFolder } from './whole-file.ts'

export const CHECKPOINT_KEY = 'checkpoint-key.jwk.json'
const NEXT_KEY = 'checkpoint-key.next.jwk.json'
const KEY_SETTING = 'FILTER_LEDGER_CHECKPOINT_KEY'
const ORIGIN_SETTING = 'FILTER_LEDGER_ORIGIN'

/** What the environment says about the checkpoint key. */
export interface CheckpointKeySource {
  /** A JWK or PEM text, or the path of a file with one. Undefined: the key of the keys folder. */
  readonly key: string | undefined
  /** The ledger's origin, where the key itself does not name it (`kid` of a JWK). Another one than it names is refused. */
  readonly origin: string | undefined
}

const KEYS_FOLDER: CheckpointKeySource = { key: undefined, origin: undefined }

/** A new private key as a JWK (RFC 8037) whose `kid` is the ledger's origin. @throws CliError */
export function newCheckpointKey(origin: string): string {
  requireOrigin(origin, `the origin of a new key (--origin, else ${ORIGIN_SETTING})`)
  const { privateKey } = generateKeyPairSync('ed25519')
  return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: origin }, null, 2) + '\n'
}

/** The key that signs checkpoints. @throws CliError */
export function loadCheckpointKey(
  folder: string,
  { key, origin }: CheckpointKeySource = KEYS_FOLDER,
): NoteSigner {
  if (origin !== undefined) requireOrigin(origin, ORIGIN_SETTING)
  const given = { origin, givenBy: `${ORIGIN_SETTING} (it is for a key that names none) says` }
  if (key !== undefined) return signerOf(keyOfSetting(key), { place: KEY_SETTING, ...given })
  const path = join(folder, CHECKPOINT_KEY)
  return signerOf(readSecret(path), { place: path, ...given })
}

/** The one rule for an origin, wherever it comes from. */
function requireOrigin(origin: string, place: string): void {
  if (isKeyName(origin) && !/^[a-z][a-z0-9+.-]*:\/\//i.test(origin)) return
  throw new CliError(
    EXIT.usage,
    `${place}: an origin is a URL without its scheme, without spaces and plus signs, such as audit.example.com/filter-ledger/prod`,
  )
}

/** What is no key text is taken for a path; it may be a key all the same (quoted, encoded), so it is not shown. */
function keyOfSetting(value: string): string {
  if (/^(\{|-----BEGIN )/.test(value.trimStart())) return value
  return readSecret(value, {
    name: `the file that ${KEY_SETTING} names`,
    whenMissing: 'the setting takes a JWK or PEM text, or the path of a file with one',
  })
}

/** Whether {@link loadCheckpointKey} would find one. */
export function hasCheckpointKey(folder: string, source?: CheckpointKeySource): boolean {
  return source !== undefined || existsSync(join(folder, CHECKPOINT_KEY))
}

/**
 * The key that a rotation goes to: made when it is not there, and kept until {@link finishRotation}, so that
 * a rotation that was cut off goes on with the same key. It is on disk when this returns: the ledger is bound to it.
 *
 * @param signing the key that signs the ledger now: the next one already, when an earlier run got that far
 * @throws CliError that says what to do with a file that holds no key
 */
export function prepareRotation(
  folder: string,
  current: VerifierKey,
  signing: VerifierKey | undefined,
): NoteSigner {
  const path = join(folder, NEXT_KEY)
  const isBound = signing !== undefined && signing.keyId !== current.keyId
  const whenBroken = isBound
    ? `the ledger is signed by ${signing.keyId}, which is not the current key: put a copy of that key there, or name it with ${KEY_SETTING} (a rotation keeps the older key as ${keptKeyFile(signing.keyId)})`
    : 'nothing was signed with it, so remove it and run `filter-ledger keys rotate` again'
  if (existsSync(path)) syncFolder(folder)
  else if (!isBound) writeSecret(path, newCheckpointKey(current.name))
  const text = readSecret(path, { whenMissing: whenBroken, whenBroken })
  return signerOf(text, { place: path, origin: undefined, advice: `: ${whenBroken}` })
}

/** The key that a rotation goes to where the current one is kept outside of the keys folder. @throws CliError */
export function readNextKey(path: string, current: VerifierKey): NoteSigner {
  const next = signerOf(readSecret(path, { whenMissing: 'it should hold the next key, as JWK or PEM' }), {
    place: path,
    origin: current.name,
    givenBy: 'the current key says',
  })
  if (next.key.keyId === current.keyId) throw new CliError(EXIT.usage, `${path} is the current key`)
  return next
}

/**
 * Puts the next key in the place of the current one, which is kept under its key id: a backup from before the
 * rotation can be written to with that key alone.
 */
export function finishRotation(folder: string, current: VerifierKey): void {
  const kept = join(folder, keptKeyFile(current.keyId))
  if (!existsSync(kept)) linkSync(join(folder, CHECKPOINT_KEY), kept)
  syncFolder(folder)
  renameSync(join(folder, NEXT_KEY), join(folder, CHECKPOINT_KEY))
  syncFolder(folder)
}

/** Where the keys folder keeps a key that was rotated away. */
export function keptKeyFile(keyId: string): string {
  return `checkpoint-key.${keyId}.jwk.json`
}

interface KeyPlace {
  /** How messages speak of the key. */
  readonly place: string
  /** The origin for a key that names none. */
  readonly origin: string | undefined
  /** Who says that origin, with the verb. */
  readonly givenBy?: string
  readonly advice?: string
}

function signerOf(text: string, { place, origin, givenBy = '', advice = '' }: KeyPlace): NoteSigner {
  try {
    const own = kidOf(text)
    const name = own ?? origin
    if (name === undefined)
      throw new LedgerError('key-malformed', `it names no origin: set ${ORIGIN_SETTING}`)
    requireOrigin(name, place)
    if (origin !== undefined && origin !== name) {
      throw new CliError(
        EXIT.usage,
        `${place} names the origin ${name}, but ${givenBy} ${origin}: they have to be the same`,
      )
    }
    return noteSigner(name, text)
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    throw new CliError(EXIT.usage, `${place}: ${error.message}${advice}`)
  }
}

/** The origin that a JWK names. Undefined for a PEM, and for what is no JSON: the import will say so. */
function kidOf(text: string): string | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    const { kid } = JSON.parse(text) as { readonly kid?: unknown }
    return typeof kid === 'string' ? kid : undefined
  } catch {
    throw new LedgerError('key-malformed', 'this is not an Ed25519 private key as JWK or PEM')
  }
}
