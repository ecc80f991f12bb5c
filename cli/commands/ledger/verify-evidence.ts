import type Database from 'better-sqlite3'
import type { Entry } from '../../../ledger/entry/entry.ts'
import type { EntryReader } from '../../../ledger/store/entry-reader.ts'
import type {
  EvidenceReport,
  EvidenceTally,
  KeyUse,
} from '../../../receiver/webhook/evidence/evidence-tally.ts'
import type { SharedSecret } from '../../../receiver/webhook/keys/shared-secret.ts'
import { CliError, EXIT } from '../../exit.ts'
import { readSecret } from '../../secret-file.ts'

/** Prepares checking the senders' signatures of a ledger, for `ledger verify --evidence`. */
export async function openEvidence(
  reader: EntryReader & { readonly connection: Database.Database },
  secrets: readonly SharedSecret[],
): Promise<EvidenceTally> {
  const { prepareCommittedBodies } = await import('../../../ledger/verify/committed-bodies.ts')
  const { scanTextsAtHand } = await import('../../../ledger/store/entry-reader.ts')
  const { archivedKeys } = await import('../../../receiver/webhook/evidence/archived-key.ts')
  const { evidenceTally } = await import('../../../receiver/webhook/evidence/evidence-tally.ts')
  const keyEntries = function* (): Generator<{ readonly index: number; readonly entry: Entry }> {
    // A quick look first: to parse every entry of a large ledger would take ten times as long.
    for (const { index, text } of scanTextsAtHand(reader, 0, reader.size())) {
      const entry = text.includes('"type":"key.observed"') ? parseEntry(text) : undefined
      if (entry) yield { index, entry }
    }
  }
  return evidenceTally({
    bodiesOf: prepareCommittedBodies(reader.connection),
    archivedKeys: () => archivedKeys(keyEntries()),
    secrets,
  })
}

/** Undefined for what is no JSON: the verification says so. */
function parseEntry(text: string): Entry | undefined {
  try {
    return JSON.parse(text) as Entry
  } catch {
    return undefined
  }
}

/**
 * Reads secrets of senders from `env:NAME` or `file:PATH`. How a sender writes it is not asked: one that begins with
 * `whsec_` may be the key as it stands, or its base64; the thumbprints in the ledger tell which.
 *
 * @throws CliError that quotes nothing of the secret
 */
export async function readGivenSecrets(places: readonly string[]): Promise<readonly SharedSecret[]> {
  const { readSharedSecret, SECRET_KINDS } = await import('../../../receiver/webhook/keys/shared-secret.ts')
  return places.flatMap((place) => {
    const text = textOf(place)
    const kinds = text.startsWith('whsec_') ? SECRET_KINDS : (['text'] as const)
    const read = kinds.map((kind) => attempt(() => readSharedSecret(text, kind)))
    const secrets = read.flatMap(({ value }) => (value ? [value] : []))
    if (secrets.length > 0) return secrets
    throw new CliError(EXIT.usage, `--secret ${nameOf(place)}: ${read[0]?.reason ?? 'cannot be used'}`)
  })
}

function attempt<T>(run: () => T): { readonly value?: T; readonly reason?: string } {
  try {
    return { value: run() }
  } catch (error) {
    if (error instanceof Error && error.name === 'KeySetError') return { reason: error.message }
    throw error
  }
}

function textOf(place: string): string {
  if (place.startsWith('file:')) {
    const naming = {
      whenMissing: 'name the file with the secret that the sender signed with',
      whenBroken: 'a file with a secret was expected',
    }
    return readSecret(place.slice('file:'.length), naming).replace(/\r?\n$/, '')
  }
  const name = place.startsWith('env:') ? place.slice('env:'.length) : ''
  const text = process.env[name]
  if (text !== undefined && text !== '') return text
  throw new CliError(
    EXIT.usage,
    `--secret takes env:NAME of a variable that is set, or file:PATH; not ${nameOf(place)}`,
  )
}

/** By a slip it may be the secret itself: then it is not shown. */
function nameOf(place: string): string {
  return /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.*)$/.test(place) ? place : 'what was given'
}

/** The report in lines for a person. */
export function readableEvidence({ schemes, wrong, keys, unusedSecrets }: EvidenceReport): readonly string[] {
  const counts = Object.entries(schemes)
  const sum = (name: 'verified' | 'erased' | 'needSecret' | 'signNothing'): number =>
    counts.reduce((total, [, count]) => total + count[name], 0)
  const verified = counts.filter(([, count]) => count.verified > 0)
  const perScheme = verified.map(([scheme, count]) => `${scheme} ${count.verified}`).join(', ')
  const rest = [
    [wrong, 'wrong'],
    [sum('erased'), 'erased'],
    [sum('needSecret'), 'need a secret (--secret)'],
    [sum('signNothing'), 'by a shared key, which signs nothing'],
  ] as const
  const named = rest.flatMap(([count, what]) => (count > 0 ? [`, ${count} ${what}`] : [])).join('')
  return [
    `  signatures: ${sum('verified')} verified${perScheme && ` (${perScheme})`}${named}`,
    ...keys.map(readableKey),
    ...unusedSecrets.map((thumbprint) => `  a given secret, ${thumbprint}, is not one that entries name`),
    ...(keys.some(({ kind }) => kind === 'public')
      ? ['  compare these thumbprints (RFC 7638) with the keys that the sender publishes']
      : []),
  ]
}

function readableKey({ thumbprint, kind, kid, verified, needSecret, signNothing }: KeyUse): string {
  const uses = [
    ...(verified > 0 ? [`${verified} verified`] : []),
    ...(needSecret > 0 ? [`${needSecret} need it`] : []),
    ...(signNothing > 0 ? [`${signNothing} named it`] : []),
  ]
  const name = kid === undefined || kid === thumbprint ? '' : `, the sender's ${kid}`
  return `  ${kind === 'public' ? 'key' : 'secret'} ${thumbprint}${name}: ${uses.join(', ')}`
}
