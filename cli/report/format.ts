import type { Interval } from '../../ledger/statistics/wilson.ts'

/** A number and its unit stay on one line. */
const SPACE = '\u00a0'

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** 12,345 */
export function count(value: number): string {
  return WHOLE.format(value)
}

/** `1 filter`, `2 filters`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)}${SPACE}${value === 1 ? one : many}`
}

/**
 * A share, 0..1 or above, as percent: two digits that say something below 1 %, one decimal from there on. Only none is
 * `0 %`, and only all is `100 %`.
 */
export function share(value: number): string {
  const percent = value * 100
  if (percent > 0 && percent < 0.01) return `<${SPACE}0.01${SPACE}%`
  if (percent > 99.9 && percent < 100) return `>${SPACE}99.9${SPACE}%`
  if (percent >= 1000) return `${count(percent)}${SPACE}%`
  const text = percent < 1 ? Number(percent.toPrecision(2)) : Number(percent.toFixed(1))
  return `${text}${SPACE}%`
}

/** What somebody set: as it was set, not rounded. */
export function tolerance(value: number): string {
  return `${Number((value * 100).toPrecision(10))}${SPACE}%`
}

export function interval({ low, high }: Interval): string {
  return `${share(low)} to ${share(high)}`
}

/** @param ms milliseconds */
export function duration(ms: number): string {
  if (ms < 1000) return `${count(ms)}${SPACE}ms`
  if (ms < 120_000) return `${Number((ms / 1000).toFixed(1))}${SPACE}s`
  return `${Number((ms / 60_000).toFixed(1))}${SPACE}min`
}

/** Two decimals, for what is neither a count nor a share. */
export function decimal(value: number): string {
  return value.toFixed(2)
}

/** @param ms milliseconds since 1970 @returns `2026-01-31`, in UTC */
export function date(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** `31 Jan`, for an axis; `Jan 2026` where it spans years. */
export function shortDate(ms: number, spansYears: boolean): string {
  const at = new Date(ms)
  const month = MONTHS[at.getUTCMonth()] ?? ''
  return spansYears ? `${month} ${at.getUTCFullYear()}` : `${at.getUTCDate()} ${month}`
}

/** `2026-01-31 12:00:00 UTC` */
export function instant(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
