import { Option } from 'commander'
import type { Command } from 'commander'
import type { BundleAuth } from '../../bundle/definition/data-action.ts'
import { CliError, EXIT } from '../exit.ts'
import { safeUrl } from '../safe-url.ts'

const AUTHS: readonly BundleAuth[] = ['oauth', 'bearer', 'api-key']
export const DEFAULT_NAME = 'Filter Ledger'
/** Longer than any answer takes; an action that hangs keeps one of the organization's few places that long. */
export const DEFAULT_TIMEOUT_S = 10

/** What the shell says of the bundle. */
export interface BundleOptions {
  readonly baseUrl: string
  readonly auth: BundleAuth
  readonly name: string
  readonly timeout: string
}

/** How the actions prove who they are; the default needs nobody to renew a token. */
export function authOption(): Option {
  return new Option('--auth <way>', 'how the actions prove who they are').choices(AUTHS).default('oauth')
}

export function nameOption(): Option {
  return new Option('--name <name>', "the integration's name, and the actions' category").default(
    DEFAULT_NAME,
  )
}

/** The options that say what the bundle is to be. */
export function withBundleOptions(command: Command): Command {
  return command
    .requiredOption('--base-url <url>', 'where the receiver answers, as Genesys Cloud reaches it')
    .addOption(authOption())
    .addOption(nameOption())
    .option('--timeout <seconds>', 'how long Genesys Cloud waits, 1 to 60', String(DEFAULT_TIMEOUT_S))
}

/** Where the receiver answers, without a slash at the end. @throws CliError */
export function receiverUrl(text: string): string {
  const url = safeUrl(text)
  if (url && url.search === '' && url.hash === '') return url.href.replace(/\/+$/, '')
  throw new CliError(
    EXIT.usage,
    '--base-url must be an https URL without password or query (http only on this machine)',
  )
}

/** @throws CliError when Genesys Cloud takes no such name */
export function integrationName(name: string): string {
  const trimmed = name.trim()
  if (trimmed !== '' && trimmed.length <= 256 && !/[\p{Cc}\p{Surrogate}]/u.test(trimmed)) return trimmed
  throw new CliError(EXIT.usage, '--name takes 1 to 256 characters, on one line')
}
