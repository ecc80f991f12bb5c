/** A JSON value. Entries hold nothing else. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [member: string]: Json | undefined
}

/** Every type an entry may have. The manifest lists the same names; a test compares the two. */
export const ENTRY_TYPES = [
  'filter.created',
  'filter.updated',
  'filter.deleted',
  'event.unrecognised',
  'deployment.requested',
  'deployment.registered',
  'deployment.unchanged',
  'deployment.rejected',
  'deployment.failed',
  'deployment.compensated',
  'deployment.stranded',
  'deployment.removed',
  'block.recorded',
  'block.reviewed',
  'evaluations.recorded',
  'sampling.planned',
  'alarm.raised',
  'promotion.decided',
  'drift.detected',
  'access.exported',
  'ledger.erased',
  'ledger.archived',
  'token.issued',
  'token.revoked',
  'key.rotated',
  'key.observed',
] as const
export type EntryType = (typeof ENTRY_TYPES)[number]

export type EntryStatus = 'SUCCESS' | 'FAILURE' | 'WARNING'

/**
 * Who did it. `name` is left out for a user: names of persons may have to be erased, so they stand in
 * `bodies`, never in an entry.
 */
export interface Actor {
  readonly type: 'user' | 'client' | 'system'
  readonly id?: string
  readonly name?: string
  readonly onBehalfOf?: string
}

/** What it was done to. */
export interface EntityRef {
  readonly type: 'filter' | 'block' | 'deployment' | 'webhook' | 'key' | 'token' | 'ledger'
  readonly id?: string
  readonly name?: string
}

/** One changed property, in the words of Genesys audit records. */
export interface PropertyChange {
  readonly property: string
  readonly oldValues: readonly string[]
  readonly newValues: readonly string[]
}

/** What a caller hands in. The ledger adds `v`, `id`, `recordedAt` and, where absent, `occurredAt`. */
export interface EntryDraft {
  readonly type: EntryType
  /** RFC 3339, UTC. Default: the time of recording. */
  readonly occurredAt?: string
  readonly organizationId?: string
  /** Default: the ledger's own. */
  readonly environment?: string
  readonly actor: Actor
  readonly entity: EntityRef
  readonly action: string
  readonly status: EntryStatus
  readonly propertyChanges?: readonly PropertyChange[]
  readonly correlationId?: string
  readonly data: JsonObject
  readonly evidence?: JsonObject
}

/** An entry as it stands in the ledger, parsed back from its canonical bytes. */
export interface Entry extends EntryDraft {
  readonly v: 1
  /** UUID, version 7. */
  readonly id: string
  /** RFC 3339, UTC, milliseconds. */
  readonly recordedAt: string
  readonly occurredAt: string
  readonly environment: string
}

/** Makes a submission idempotent: the same source and event id is stored once. */
export interface Dedupe {
  readonly source: string
  readonly eventId: string
  /** SHA-256 of what was received, 64 hex digits. The same id with another hash is refused. */
  readonly bodyHash: string
}

/** Bytes kept beside an entry, bound to it by a salted commitment, erasable without breaking the tree. */
export interface ErasableBody {
  readonly name: string
  /** 32 random bytes. */
  readonly salt: Uint8Array
  readonly bytes: Uint8Array
}

export interface Submission {
  readonly entry: EntryDraft
  readonly dedupe?: Dedupe
  readonly bodies?: readonly ErasableBody[]
}

/** Proof of storage. It is given only after the entry's commit reached the disk. */
export interface Receipt {
  readonly index: number
  readonly id: string
  /** 64 hex digits. */
  readonly leafHash: string
  readonly recordedAt: string
  /** True when this delivery was stored before: index, id and hash are those of the first time. */
  readonly duplicate: boolean
}

/** Appends one entry. @throws LedgerError */
export type Append = (submission: Submission) => Promise<Receipt>
