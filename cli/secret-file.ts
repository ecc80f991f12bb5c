import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { CliError, EXIT } from './exit.ts'

/** Writes a secret for its owner alone. If somebody made the file meanwhile, theirs stays and this throws. */
export function writeSecret(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
}

/** @throws CliError when the file is missing or can be read by others */
export function readSecret(path: string): string {
  if (!existsSync(path))
    throw new CliError(EXIT.usage, `there is no key at ${path}: run \`filter-ledger keys init\``)
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    throw new CliError(EXIT.usage, `${path} can be read by others: run \`chmod 600 ${path}\``)
  }
  return readFileSync(path, 'utf8')
}
