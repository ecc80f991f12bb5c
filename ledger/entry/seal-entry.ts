import { hash } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'
import type { Dedupe, Entry, ErasableBody, JsonObject, Submission } from './entry.ts'
import { ENTRY_TYPES } from './entry.ts'
import { LedgerError } from '../ledger-error.ts'
import type { RandomBytes } from './random-pool.ts'
import { leafHash } from '../tree/merkle.ts'

/** The greatest size of an entry, in bytes: what a tlog-tiles entry bundle can hold (two bytes of length). */
export const MAX_ENTRY_BYTES = 65_535

/** An entry with the bytes that are stored and the hash that stands for them in the tree. */
export interface SealedEntry {
  readonly entry: Entry
  readonly bytes: Buffer
  readonly leafHash: Buffer
  readonly hashes: EvidenceHashes
  /** What the dedupe row keeps of the body's hash; undefined when there is no such row. */
  readonly delivery: SaltedHash | undefined
}

/** What binds an entry to that which stands beside it, 64 hex digits each. */
export interface EvidenceHashes {
  /** The commitments to the bodies, in their order. */
  readonly bodies: readonly string[]
  readonly delivery: string | undefined
}

/** What the ledger adds to a submission. */
export interface AddedFacts {
  readonly id: string
  readonly recordedAt: string
  /** Used where the draft names none. */
  readonly environment: string
  readonly hashes: EvidenceHashes
}

/** A salted hash of a body: it recognises the body, and tells nothing without its salt. */
export interface SaltedHash {
  readonly salt: Uint8Array
  readonly sha256: Buffer
}

export interface SealOptions {
  readonly id: string
  readonly now: Date
  readonly random: RandomBytes
  /** Used where the draft names none. */
  readonly environment: string
}

const RFC3339_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/
const KNOWN_TYPES: ReadonlySet<string> = new Set(ENTRY_TYPES)

/**
 * Makes the entry of a submission: fills the common fields, commits to its bodies, and fixes the canonical
 * bytes. From here on nothing is serialised again.
 *
 * @throws LedgerError `entry-invalid`, `entry-too-large`
 */
export function sealEntry(submission: Submission, options: SealOptions): SealedEntry {
  const { entry: draft, dedupe, bodies = [] } = submission
  if (!KNOWN_TYPES.has(draft.type)) throw new LedgerError('entry-invalid', `unknown entry type ${draft.type}`)
  const recordedAt = options.now.toISOString()
  if (draft.occurredAt !== undefined && !isRfc3339Utc(draft.occurredAt)) {
    throw new LedgerError('entry-invalid', 'occurredAt is not an RFC 3339 time in UTC (…Z)')
  }
  const delivery = dedupe && saltedHash(Uint8Array.from(options.random(32)), dedupe.bodyHash)
  const hashes = {
    bodies: bodies.map(({ salt, bytes }) => commitment(salt, bytes).toString('hex')),
    // Over the row's hash, not the body's: so the entry binds the row's salt as well.
    delivery: delivery && commitment(delivery.salt, delivery.sha256).toString('hex'),
  }
  const { id, environment } = options
  const entry = composeEntry(submission, { id, recordedAt, environment, hashes })
  const bytes = Buffer.from(canonicalJson(entry as unknown as JsonObject), 'utf8')
  if (bytes.length > MAX_ENTRY_BYTES) {
    throw new LedgerError(
      'entry-too-large',
      `the entry has ${bytes.length} bytes, at most ${MAX_ENTRY_BYTES} are allowed`,
    )
  }
  return { entry, bytes, leafHash: leafHash(bytes), hashes, delivery }
}

/** True for `YYYY-MM-DDTHH:MM:SS[.fraction]Z` that names a real instant. */
export function isRfc3339Utc(text: string): boolean {
  if (!RFC3339_UTC.test(text)) return false
  const date = new Date(text)
  // Date.parse takes 30 February for 2 March.
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(text.slice(8, 10))
}

/** SHA-256(salt ‖ bytes): binds an entry to bytes that may later be erased, without making them guessable. */
export function commitment(salt: Uint8Array, bytes: Uint8Array): Buffer {
  if (salt.length !== 32) throw new TypeError('a salt has 32 bytes')
  return hash('sha256', Buffer.concat([salt, bytes]), 'buffer')
}

/**
 * The entry of a submission, with what the ledger adds. One shape for all entries, members in canonical order: both
 * make what comes after it fast. A member that is undefined is none.
 */
export function composeEntry(submission: Submission, added: AddedFacts): Entry {
  const { entry: draft } = submission
  const members = {
    action: draft.action,
    actor: draft.actor,
    correlationId: draft.correlationId,
    data: draft.data,
    entity: draft.entity,
    environment: draft.environment ?? added.environment,
    evidence: evidenceOf(submission, added.hashes),
    id: added.id,
    occurredAt: draft.occurredAt ?? added.recordedAt,
    organizationId: draft.organizationId,
    propertyChanges: draft.propertyChanges,
    recordedAt: added.recordedAt,
    status: draft.status,
    type: draft.type,
    v: 1,
  }
  return members as Entry
}

function evidenceOf(
  { entry, dedupe, bodies = [] }: Submission,
  hashes: EvidenceHashes,
): JsonObject | undefined {
  return withDelivery(withCommitments(entry.evidence, bodies, hashes.bodies), dedupe, hashes.delivery)
}

function withCommitments(
  evidence: JsonObject | undefined,
  bodies: readonly ErasableBody[],
  hashes: readonly string[],
): JsonObject | undefined {
  if (bodies.length === 0) return evidence
  const commitments = bodies.map(({ name, bytes }, i): [string, JsonObject] => [
    name,
    { sha256: hashes[i], size: bytes.length },
  ])
  return { ...evidence, commitments: Object.fromEntries(commitments) }
}

/**
 * What makes the submission unique is hashed with it, so that a dedupe row can be checked like everything
 * else. The body's hash is salted too: a plain one would let an erased body be guessed.
 */
function withDelivery(
  evidence: JsonObject | undefined,
  dedupe: Dedupe | undefined,
  sha256: string | undefined,
): JsonObject | undefined {
  if (!dedupe || sha256 === undefined) return evidence
  const { source, eventId } = dedupe
  return { ...evidence, delivery: { source, eventId, sha256 } }
}

/** @param bodyHash SHA-256 of the body, 64 hex digits */
export function saltedHash(salt: Uint8Array, bodyHash: string): SaltedHash {
  return { salt, sha256: commitment(salt, Buffer.from(bodyHash, 'hex')) }
}
