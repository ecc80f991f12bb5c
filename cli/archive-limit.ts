import type { ArchiveLimit } from '../ledger/archive/archive-entries.ts'
import { isRfc3339Utc } from '../ledger/entry/seal-entry.ts'
import { CliError, EXIT } from './exit.ts'

export interface ArchiveLimitOptions {
  /** A day, an RFC 3339 time in UTC, or an index that nobody would read as a time. */
  readonly before?: string
  /** An index. */
  readonly beforeIndex?: string
}

/** `2025`, `202501`, `20250101`, `20250101120000`: a time to who writes it. Ten digits or more: seconds since 1970. */
const READS_AS_TIME = /^((19|20)(\d\d){1,6}|\d{10,})$/

/** Up to where to archive. What could be meant as a time is never taken for an index. @throws CliError */
export function readArchiveLimit({ before, beforeIndex }: ArchiveLimitOptions): ArchiveLimit {
  if ((before === undefined) === (beforeIndex === undefined))
    throw new CliError(EXIT.usage, 'give --before or --before-index')
  if (beforeIndex !== undefined) return { index: parseIndex(beforeIndex) }
  const text = before ?? ''
  if (/^\d{1,15}$/.test(text) && !READS_AS_TIME.test(text)) return { index: Number(text) }
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text
  // Without a zone, a time would be that of this machine.
  if (isRfc3339Utc(time)) return { time: new Date(time).toISOString() }
  const meant = /^\d+$/.test(text)
    ? `, and ${text} may be meant as a time: for an index give --before-index`
    : ''
  throw new CliError(
    EXIT.usage,
    `--before takes a day (2025-01-01), an RFC 3339 time in UTC (2025-01-01T00:00:00Z), or an index${meant}`,
  )
}

function parseIndex(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new CliError(EXIT.usage, '--before-index takes a whole number from 0 on')
}
