import { bundleFiles } from '../../../bundle/build/bundle-files.ts'
import { buildBundle } from '../../../bundle/build/build-bundle.ts'
import type { BundleAuth } from '../../../bundle/definition/data-action.ts'
import { actionSources } from '../../../cli/bundle/action-sources.ts'
import { readManifest } from '../../../cli/manifest.ts'

export const manifest = readManifest()
export const sources = actionSources(manifest)

/** The bundle of our own actions, as the command builds it. */
export function ourBundle(auth: BundleAuth = 'oauth', baseUrl = 'https://filter-ledger.example.com') {
  return buildBundle(sources, { auth, baseUrl, integrationName: 'Filter Ledger', timeoutSeconds: 10 })
}

export function ourFiles(auth: BundleAuth = 'oauth') {
  return bundleFiles(ourBundle(auth), sources, manifest.version)
}
