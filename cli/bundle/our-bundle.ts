import { buildBundle } from '../../bundle/build/build-bundle.ts'
import type { BuildOptions } from '../../bundle/build/build-bundle.ts'
import type { ActionBundle } from '../../bundle/definition/data-action.ts'
import { CliError, EXIT } from '../exit.ts'
import { readManifest } from '../manifest.ts'
import { actionSources } from './action-sources.ts'
import { integrationName, receiverUrl } from './build-options.ts'
import type { BundleOptions } from './build-options.ts'

/** Makes the bundle that the options ask for. @throws CliError */
export function bundleOf({ baseUrl, auth, name, timeout }: BundleOptions): ActionBundle {
  const timeoutSeconds = /^\d{1,2}$/.test(timeout) ? Number(timeout) : 0
  if (timeoutSeconds < 1 || timeoutSeconds > 60)
    throw new CliError(EXIT.usage, '--timeout takes whole seconds from 1 to 60')
  return ourBundle({
    baseUrl: receiverUrl(baseUrl),
    auth,
    integrationName: integrationName(name),
    timeoutSeconds,
  })
}

/** The bundle of the actions that the manifest names. */
export function ourBundle(options: BuildOptions): ActionBundle {
  return buildBundle(actionSources(readManifest()), options)
}
