import { CliError, EXIT } from './exit.ts'
import { safeUrl } from './safe-url.ts'
import { SETTINGS } from './settings.ts'
import type { Setting } from './settings.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** Collects what is wrong, so that all of it is told at once. */
export class EnvReader {
  readonly problems: string[] = []
  readonly env: Env

  constructor(env: Env) {
    this.env = env
  }

  /** An empty value is an absent one: that is what an unset variable of a compose file becomes. */
  text(name: string): string | undefined {
    return this.env[name]?.trim() || undefined
  }

  wholeNumber(name: Setting, fallback: number, min: number, max: number): number {
    const text = this.text(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    this.problems.push(`${name} must be a whole number from ${min} to ${max}`)
    return fallback
  }

  oneOf<T extends string>(name: Setting, values: readonly T[], fallback: T): T {
    const text = this.text(name)
    const value = text === undefined ? fallback : values.find((known) => known === text)
    if (value === undefined) this.problems.push(`${name} must be one of ${values.join(', ')}`)
    return value ?? fallback
  }

  required(names: readonly string[]): string {
    for (const name of names) {
      const text = this.text(name)
      if (text !== undefined) return text
    }
    this.problems.push(`${names.join(' or ')} is not set`)
    return ''
  }

  url(name: string, text: string | undefined): URL {
    const url = safeUrl(text ?? '')
    if (url) return url
    if (text)
      this.problems.push(`${name} must be an https URL without a password (http only on this machine)`)
    return new URL('https://invalid.example')
  }

  refuseUnknown(): void {
    for (const name of Object.keys(this.env)) {
      if (name.startsWith('FILTER_LEDGER_') && !Object.hasOwn(SETTINGS, name)) {
        this.problems.push(`there is no setting ${name}`)
      }
    }
  }

  finish(): void {
    if (this.problems.length === 0) return
    const list = this.problems.map((problem) => `\n  - ${problem}`).join('')
    throw new CliError(EXIT.usage, `the configuration has ${this.problems.length} problem(s):${list}`)
  }
}
