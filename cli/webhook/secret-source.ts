import { CliError, EXIT } from '../exit.ts'
import { readSecret } from '../secret-file.ts'
import type { SecretNaming } from '../secret-file.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * Reads a secret from `env:NAME` or `file:PATH`. One line end behind it is not part of it: editors put it there.
 *
 * @throws CliError; the message never quotes the option's value, which by a slip may be the secret itself
 */
export function readSecretSource(
  source: string,
  env: Env,
  option = '--secret',
  naming: SecretNaming = SECRET_NAMING,
): string {
  const [, kind, place = ''] = /^(env|file):(.+)$/.exec(source) ?? []
  if (kind === undefined) {
    throw new CliError(
      EXIT.usage,
      `${option} takes env:NAME or file:PATH, never the secret itself: a command line stands in the shell’s history, and every user of the machine can read it in the list of processes`,
    )
  }
  const text = kind === 'env' ? fromEnvironment(place, env, option) : readSecret(place, naming)
  return text.replace(/\r?\n$/, '')
}

function fromEnvironment(name: string, env: Env, option: string): string {
  // Not what every object has, such as `constructor`.
  const text = Object.hasOwn(env, name) ? env[name] : undefined
  if (text) return text
  throw new CliError(EXIT.usage, `${option} names an environment variable that is not set: ${name}`)
}

const SECRET_NAMING = {
  whenMissing: 'run `filter-ledger webhook keygen`',
  whenBroken: 'a file with a secret was expected',
}
