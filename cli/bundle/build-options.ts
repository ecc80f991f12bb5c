import { Option } from 'commander'
import type { Command } from 'commander'
import { buildBundle } from '../../bundle/build/build-bundle.ts'
import type { ActionBundle, BundleAuth } from '../../bundle/definition/data-action.ts'
import { CliError, EXIT } from '../exit.ts'
import { readManifest } from '../manifest.ts'
import { safeUrl } from '../safe-url.ts'
import { actionSources } from './action-sources.ts'

const AUTHS: readonly BundleAuth[] = ['oauth', 'bearer', 'api-key']
const DEFAULT_TIMEOUT_S = 10

export interface BundleOptions {
  readonly baseUrl: string
  readonly auth: BundleAuth
  readonly name: string
  readonly timeout: string
}

/** The options that say what the bundle is to be, for every command that makes one. */
export function withBundleOptions(command: Command): Command {
  return command
    .requiredOption('--base-url <url>', 'where the receiver answers, as Genesys Cloud reaches it')
    .addOption(
      new Option('--auth <way>', 'how the actions prove who they are').choices(AUTHS).default('oauth'),
    )
    .option('--name <name>', 'name of the integration', 'Filter Ledger')
    .option('--timeout <seconds>', 'how long Genesys Cloud waits, 1 to 60', String(DEFAULT_TIMEOUT_S))
}

/** Makes the bundle that the options ask for. @throws CliError */
export function bundleOf({ baseUrl, auth, name, timeout }: BundleOptions): ActionBundle {
  const url = safeUrl(baseUrl)
  if (!url || url.search !== '' || url.hash !== '')
    throw new CliError(
      EXIT.usage,
      '--base-url takes an https URL without password or query (http on this machine only), such as https://filter-ledger.example.com',
    )
  const timeoutSeconds = /^\d{1,2}$/.test(timeout) ? Number(timeout) : 0
  if (timeoutSeconds < 1 || timeoutSeconds > 60)
    throw new CliError(EXIT.usage, '--timeout takes whole seconds from 1 to 60')
  if (!/^[^\p{Cc}\p{Surrogate}]{1,200}$/u.test(name.trim()))
    throw new CliError(EXIT.usage, '--name takes 1 to 200 characters, none of them a control character')
  return buildBundle(actionSources(readManifest()), {
    baseUrl: url.href.replace(/\/+$/, ''),
    auth,
    integrationName: name.trim(),
    timeoutSeconds,
  })
}
