import type { BundleAuth } from '../../bundle/definition/data-action.ts'
import type { BundleSecret } from '../../bundle/install/credential.ts'
import type { Env } from '../env-reader.ts'
import { CliError, EXIT } from '../exit.ts'
import { readSecret } from '../secret-file.ts'

export interface SecretOptions {
  readonly auth: BundleAuth
  readonly tokenFile?: string
  readonly clientId?: string
}

const WHAT: Readonly<Record<BundleAuth, string>> = {
  bearer: 'the access token (`filter-ledger token issue` makes one)',
  'api-key': 'the API key',
  oauth: "the OAuth client's secret",
}

/**
 * What Genesys Cloud is to prove with who it is: from a file or the environment, never from an argument, which every process
 * of the machine can read.
 *
 * @throws CliError
 */
export function installSecret({ auth, tokenFile, clientId }: SecretOptions, env: Env): BundleSecret {
  const what = WHAT[auth]
  const text =
    tokenFile === undefined
      ? env['FILTER_LEDGER_INSTALL_TOKEN']
      : readSecret(tokenFile, {
          what: 'secret',
          whenMissing: `write ${what} into it`,
          whenBroken: `${what} was expected`,
        })
  const secret = text?.trim() ?? ''
  if (secret === '')
    throw new CliError(
      EXIT.usage,
      `the credential has to be written: give ${what} by --token-file, or in FILTER_LEDGER_INSTALL_TOKEN`,
    )
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(secret))
    throw new CliError(EXIT.usage, `${what} has to be one line without control characters`)
  if (auth !== 'oauth') return { secret }
  if (clientId === undefined || clientId === '')
    throw new CliError(
      EXIT.usage,
      '--auth oauth needs --client-id, the id of the OAuth client of the receiver',
    )
  // In HTTP Basic a colon ends the id.
  if (/[^!-9;-~]/.test(clientId))
    throw new CliError(
      EXIT.usage,
      '--client-id takes the id alone, as `filter-ledger client list` shows it: no space, colon or line break is in one',
    )
  return { secret, clientId }
}
