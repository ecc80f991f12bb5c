import { CliError, EXIT } from '../exit.ts'

/** Whole days in UTC. Milliseconds since 1970; `to` is excluded. */
export interface Period {
  readonly from: number
  readonly to: number
}

export interface PeriodOptions {
  readonly from?: string
  readonly to?: string
  readonly days?: string
}

export const DAY_MS = 86_400_000
export const DEFAULT_DAYS = 30
const MOST_DAYS = 3660

/** The days that options mean: both ends are part of it, and today is the last unless told. @throws CliError */
export function readPeriod({ from, to, days }: PeriodOptions, now: Date): Period {
  if (from !== undefined && days !== undefined)
    throw new CliError(EXIT.usage, 'give --from or --days, not both: each says where the period begins')
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS
  const last = to === undefined ? today : readDay('--to', to)
  if (last > today)
    throw new CliError(
      EXIT.usage,
      `--to ${to} is yet to come: it is ${now.toISOString().slice(0, 10)} in UTC now`,
    )
  const first = from === undefined ? last - (readDays(days) - 1) * DAY_MS : readDay('--from', from)
  if (first > last)
    throw new CliError(
      EXIT.usage,
      `--from ${from} is after the last day of the period, ${new Date(last).toISOString().slice(0, 10)}`,
    )
  if (last - first >= MOST_DAYS * DAY_MS)
    throw new CliError(EXIT.usage, `a report has ${MOST_DAYS} days at most: give a later --from`)
  return { from: first, to: last + DAY_MS }
}

function readDay(option: string, text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN
  // 2026-02-30 is read as a day of March by some, and refused by others.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text)
    throw new CliError(EXIT.usage, `${option} takes a date such as 2026-01-31, a whole day in UTC`)
  return at
}

function readDays(text = String(DEFAULT_DAYS)): number {
  const days = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (days < 1 || days > MOST_DAYS)
    throw new CliError(EXIT.usage, `--days takes a whole number from 1 to ${MOST_DAYS}`)
  return days
}
