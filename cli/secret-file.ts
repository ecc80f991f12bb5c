import { readFileSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { CliError, EXIT } from './exit.ts'
import { systemCode } from './system-code.ts'
import { createFile, replaceFile } from './whole-file.ts'

/** How messages speak of a secret's file. */
export interface SecretNaming {
  /** Default: its path. Where a setting gives the path, the setting: by a slip its value is the secret itself. */
  readonly name?: string
  /** What it holds, in one word. Default: key. */
  readonly what?: string
  /** What to do when it is not there. Default: run `filter-ledger keys init`. */
  readonly whenMissing?: string
  /** What to do when it is there and holds no key. Default: a file with a key was expected. */
  readonly whenBroken?: string
}

/**
 * Writes a secret for its owner alone, whole and to the disk. If somebody made the file meanwhile, theirs stays.
 *
 * @throws CliError
 */
export function writeSecret(path: string, text: string): void {
  try {
    createFile(path, text)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EEXIST') throw new CliError(EXIT.no, `${path} is there already; it was not changed`)
    throw new CliError(EXIT.unreachable, `${path} cannot be written (${code}): nothing was kept of it`, {
      cause: error,
    })
  }
}

/** Puts a secret in the place of an older one, or of none, for its owner alone: a cut leaves one or the other. @throws CliError */
export function replaceSecret(path: string, text: string): void {
  try {
    replaceFile(path, text, 0o600)
  } catch (error) {
    throw new CliError(
      EXIT.unreachable,
      `${path} cannot be written (${systemCode(error)}): it is as it was`,
      {
        cause: error,
      },
    )
  }
}

/** @throws CliError when the file is missing, empty, no file, or can be read by others */
export function readSecret(path: string, naming: SecretNaming = {}): string {
  const {
    name = path,
    what = 'key',
    whenMissing = 'run `filter-ledger keys init`',
    whenBroken = 'a file with a key was expected',
  } = naming
  const stats = statsOf(path, name)
  if (!stats) throw refused(`there is no ${what} at ${name}: ${whenMissing}`)
  if (stats.isDirectory()) throw refused(`${name} is a folder: ${whenBroken}`)
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0)
    throw refused(`${name} can be read by others: run \`chmod 600\` on it`)
  const text = readOwn(path, name)
  if (text.trim() === '') throw refused(`${name} is empty: ${whenBroken}`)
  return text
}

/** Undefined when there is no such file. */
function statsOf(path: string, name: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw unreadable(name, error)
  }
}

function readOwn(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw unreadable(name, error)
  }
}

/** The system's own message quotes the path: it is not kept. */
function unreadable(name: string, error: unknown): CliError {
  return refused(`${name} cannot be read (${systemCode(error)})`)
}

function refused(message: string): CliError {
  return new CliError(EXIT.usage, message)
}
