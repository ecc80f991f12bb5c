import { integerField } from './fields.ts'
import type { Violations } from './fields.ts'
import { SandboxError } from './sandbox-error.ts'

/** What the server adds. A client that sends back what it read must not be refused for it. */
export const SERVER_MEMBERS = ['id', 'version', 'dateCreated', 'dateModified', 'selfUri']

/** What the server knows about each entity besides what the client sent. */
export interface Revision {
  /** UUID. */
  readonly id: string
  /** 1 after the creation, one more with each replacement. */
  readonly version: number
  /** RFC 3339, UTC. */
  readonly dateCreated: string
  readonly dateModified: string
  /** Path, relative to the API's host. */
  readonly selfUri: string
}

export function firstRevision(id: string, collectionPath: string, now: Date): Revision {
  const date = now.toISOString()
  return { id, version: 1, dateCreated: date, dateModified: date, selfUri: `${collectionPath}/${id}` }
}

export function nextRevision(current: Revision, now: Date): Revision {
  const { id, version, dateCreated, selfUri } = current
  return { id, version: version + 1, dateCreated, dateModified: now.toISOString(), selfUri }
}

/** The `version` member of a replacement: absent, or the version it is based on. */
export function parseVersion(violations: Violations, version: unknown): number | undefined {
  if (version === undefined) return undefined
  return integerField(violations, 'version', version, { min: 1, max: Number.MAX_SAFE_INTEGER })
}

/** Optimistic locking, as elsewhere in the platform API. @throws SandboxError `version.mismatch` */
export function requireVersion(
  current: Pick<Revision, 'id' | 'version'>,
  supplied: number | undefined,
): void {
  if (supplied === undefined || supplied === current.version) return
  throw new SandboxError(
    'version.mismatch',
    `Supplied version ${supplied} does not match latest version ${current.version}`,
    {
      messageParams: { supplied: String(supplied), latest: String(current.version) },
      details: [{ errorCode: 'version.mismatch', fieldName: 'version', entityId: current.id }],
    },
  )
}
