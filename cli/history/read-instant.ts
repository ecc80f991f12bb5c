import { isRfc3339Utc } from '../../ledger/entry/seal-entry.ts'
import { CliError, EXIT } from '../exit.ts'

const DATE = /^\d{4}-\d{2}-\d{2}$/

/**
 * The instant of an option: an RFC 3339 time in UTC, or a date, which is its end (today's is now). What is yet to come
 * is refused: nobody knows how a filter will stand.
 *
 * @returns RFC 3339, UTC
 * @throws CliError that names the option
 */
export function readInstant(option: string, text: string, now: Date): string {
  const isDate = DATE.test(text)
  const instant = isDate ? `${text}T23:59:59.999999999Z` : text
  if (!isRfc3339Utc(instant))
    throw new CliError(
      EXIT.usage,
      `${option} takes a time such as 2026-01-31T12:00:00Z, or a date such as 2026-01-31 (its end), in UTC`,
    )
  if (isDate && text === now.toISOString().slice(0, 10)) return now.toISOString()
  if (Date.parse(instant) > now.getTime())
    throw new CliError(EXIT.usage, `${option} ${text} is yet to come: it is ${now.toISOString()} now`)
  return instant
}
