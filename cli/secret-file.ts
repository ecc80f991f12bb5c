import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { CliError, EXIT } from './exit.ts'

/** How messages speak of a secret's file. */
export interface SecretNaming {
  /** Default: its path. Where a setting gives the path, the setting: by a slip its value is the secret itself. */
  readonly name?: string
  /** What to do when it is not there. Default: run `filter-ledger keys init`. */
  readonly whenMissing?: string
}

/** Writes a secret for its owner alone. If somebody made the file meanwhile, theirs stays and this throws. */
export function writeSecret(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
}

/** @throws CliError when the file is missing, empty, no file, or can be read by others */
export function readSecret(path: string, naming: SecretNaming = {}): string {
  const { name = path, whenMissing = 'run `filter-ledger keys init`' } = naming
  if (!existsSync(path)) throw refused(`there is no key at ${name}: ${whenMissing}`)
  const text = readOwn(path, name)
  if (text.trim() === '') throw refused(`${name} is empty: a key was expected`)
  return text
}

function readOwn(path: string, name: string): string {
  try {
    const found = statSync(path)
    if (found.isDirectory()) throw refused(`${name} is a folder: a file with a key was expected`)
    if (process.platform !== 'win32' && (found.mode & 0o077) !== 0)
      throw refused(`${name} can be read by others: run \`chmod 600\` on it`)
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof CliError) throw error
    // The system's own message quotes the path: it is not kept.
    throw refused(`${name} cannot be read (${systemCode(error)})`)
  }
}

function systemCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown'
}

function refused(message: string): CliError {
  return new CliError(EXIT.usage, message)
}
