import { CliError, EXIT } from './exit.ts'
import { readManifest } from './manifest.ts'

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/**
 * The scopes that an option names, with spaces or commas between; `actions` is every data action's, `all` every one.
 *
 * @throws CliError
 */
export function readScopes(wanted: readonly string[]): readonly string[] {
  const known = Object.keys(readManifest().scopes)
  const named = wanted.flatMap((each) => each.split(',')).filter(Boolean)
  const actions = known.filter((scope) => scope.startsWith('actions:'))
  const scopes = [...new Set(named.flatMap((each) => (each === 'actions' ? actions : [each])))]
  if (scopes.length === 0)
    throw new CliError(EXIT.usage, `--scope takes scopes: ${known.join(', ')}, or actions, or all`)
  if (scopes.includes('all')) return known
  const unknown = scopes.filter((scope) => !known.includes(scope))
  if (unknown.length > 0)
    throw new CliError(EXIT.usage, `there is no scope ${unknown.join(', ')}; there are: ${known.join(', ')}`)
  return scopes
}

/** Seconds of a time such as `15m`, `12h` or `30d`. @throws CliError that names the option */
export function readLifetime(option: string, text: string, maxS: number): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const seconds = Number(count) * (UNITS[unit ?? ''] ?? NaN)
  if (!(seconds >= 1 && seconds <= maxS)) {
    const most = Math.floor(maxS / 86_400)
    throw new CliError(EXIT.usage, `${option} takes a lifetime such as 15m, 12h or 30d, of at most ${most}d`)
  }
  return seconds
}

/** The scopes and what each allows, for the help of a command. */
export function scopeHelp(): string {
  const scopes = Object.entries(readManifest().scopes)
  const width = Math.max(...scopes.map(([scope]) => scope.length)) + 2
  const short = `  ${'actions'.padEnd(width)}Every data action\n  ${'all'.padEnd(width)}Everything\n`
  return `Scopes:\n${scopes.map(([scope, use]) => `  ${scope.padEnd(width)}${use}`).join('\n')}\n${short}`
}
