import type { Entry } from '../../../ledger/entry/entry.ts'
import type { Finding } from '../../../ledger/verify/finding.ts'
import type { CheckEvidence } from '../../../ledger/verify/verify-ledger.ts'
import type { SharedSecret } from '../keys/shared-secret.ts'
import { SCHEMES } from '../schemes/scheme.ts'
import type { Scheme } from '../schemes/scheme.ts'
import type { ArchivedKeys } from './archived-key.ts'
import { checkEvidence } from './check-evidence.ts'
import type { EvidenceVerdict } from './check-evidence.ts'

/** What became of the entries of one scheme. */
export interface SchemeCounts {
  readonly verified: number
  /** Body or signature are not there any more. */
  readonly erased: number
  /** They need a secret that was not given. */
  readonly needSecret: number
  /** A shared key in a header: nothing was signed. */
  readonly signNothing: number
}

/** A key that entries rest on, for comparison with what the sender publishes. */
export interface KeyUse {
  /** RFC 7638; of a secret its name, which does not reveal it. */
  readonly thumbprint: string
  readonly kind: 'public' | 'secret'
  /** The sender's name for it, where it has one. */
  readonly kid?: string
  readonly verified: number
  readonly needSecret: number
  readonly signNothing: number
}

export interface EvidenceReport {
  /** Entries that rest on a sender's signature or key. */
  readonly entries: number
  readonly schemes: Readonly<Partial<Record<Scheme, SchemeCounts>>>
  /** Entries whose evidence is wrong; each is a finding. */
  readonly wrong: number
  /** The most used first. */
  readonly keys: readonly KeyUse[]
  /** Thumbprints of given secrets that no entry names. */
  readonly unusedSecrets: readonly string[]
}

export interface TallyDeps {
  /** The bodies that the entry commits to and that are still there. */
  readonly bodiesOf: (index: number, entry: Entry) => ReadonlyMap<string, Buffer>
  /** Every key that the ledger keeps; asked for once, and only when an entry needs one. */
  readonly archivedKeys: () => ArchivedKeys
  /** Secrets that whoever verifies brought along. */
  readonly secrets: readonly SharedSecret[]
}

export interface EvidenceTally {
  /** For {@link verifyLedger}: a finding for each entry whose evidence is wrong. */
  readonly check: CheckEvidence
  /** After the last entry. */
  readonly report: () => EvidenceReport
}

type Counted = keyof SchemeCounts

const COUNTED: Readonly<Record<Exclude<EvidenceVerdict['kind'], 'wrong'>, Counted>> = {
  holds: 'verified',
  erased: 'erased',
  'needs-secret': 'needSecret',
  'signs-nothing': 'signNothing',
}

/** Checks the evidence of entries, one after the other or several at a time, and counts what came of it. */
export function evidenceTally({ bodiesOf, archivedKeys, secrets }: TallyDeps): EvidenceTally {
  const bySecret = new Map(secrets.map((secret) => [secret.thumbprint, secret]))
  const schemes = new Map<Scheme, Record<Counted, number>>()
  const uses = new Map<string, Record<Counted, number>>()
  let archived: ArchivedKeys | undefined
  /** Of key entries, on their way to the report with the next entry. */
  const keyFindings: Finding[] = []
  let entries = 0
  let wrong = 0
  const archive = (): ArchivedKeys => {
    archived = archivedKeys()
    keyFindings.push(...archived.findings)
    return archived
  }
  const keys = {
    publicKey: (thumbprint: string) => (archived ?? archive()).publicKeys.get(thumbprint),
    secret: (thumbprint: string) => bySecret.get(thumbprint),
  }

  const count = (verdict: Exclude<EvidenceVerdict, { kind: 'wrong' }>): void => {
    const counted = COUNTED[verdict.kind]
    countsOf(schemes, verdict.scheme)[counted]++
    if ('thumbprint' in verdict) countsOf(uses, verdict.thumbprint)[counted]++
  }
  const check = async (entry: Entry, index: number): Promise<readonly Finding[]> => {
    const verdict = await checkEvidence(entry, bodiesOf(index, entry), keys)
    if (!verdict) return []
    entries++
    const found = keyFindings.splice(0)
    if (verdict.kind !== 'wrong') {
      count(verdict)
      return found
    }
    wrong++
    return [...found, { kind: 'invalid', code: verdict.code, index, message: verdict.message }]
  }
  const keyUse = ([thumbprint, counts]: readonly [string, Record<Counted, number>]): KeyUse => {
    const { verified, needSecret, signNothing } = counts
    const kid = archived?.publicKeys.get(thumbprint)?.kid
    const kind = kid === undefined ? 'secret' : 'public'
    return { thumbprint, kind, ...(kid !== undefined && { kid }), verified, needSecret, signNothing }
  }
  return {
    check,
    report: () => ({
      entries,
      schemes: Object.fromEntries(
        SCHEMES.flatMap((scheme) => {
          const counts = schemes.get(scheme)
          return counts ? [[scheme, counts]] : []
        }),
      ),
      wrong,
      keys: [...uses].map(keyUse).sort(byUse),
      unusedSecrets: [...bySecret.keys()].filter((thumbprint) => !uses.has(thumbprint)),
    }),
  }
}

function countsOf<K>(counts: Map<K, Record<Counted, number>>, name: K): Record<Counted, number> {
  const found = counts.get(name) ?? { verified: 0, erased: 0, needSecret: 0, signNothing: 0 }
  counts.set(name, found)
  return found
}

/** The most used first; then by name, so that the same ledger has the same report. */
function byUse(a: KeyUse, b: KeyUse): number {
  return total(b) - total(a) || (a.thumbprint < b.thumbprint ? -1 : 1)
}

function total({ verified, needSecret, signNothing }: KeyUse): number {
  return verified + needSecret + signNothing
}
