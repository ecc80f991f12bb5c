import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ENTRY_TYPES } from '../ledger/entry/entry.ts'
import type { EntryType } from '../ledger/entry/entry.ts'

/** `integration-manifest.json`: the one list of names. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly webhook: {
    readonly apiVersion: string
    readonly signatureHeader: string
    /** The sender's event types, and the entry type that each becomes. */
    readonly events: Readonly<Record<string, EntryType>>
  }
  readonly actions: readonly {
    readonly name: string
    readonly title: string
    readonly description: string
    readonly method: 'POST'
    readonly path: string
    readonly scope: string
  }[]
  readonly entryTypes: readonly EntryType[]
  /** Scopes of our own access tokens, with what each allows. */
  readonly scopes: Readonly<Record<string, string>>
  readonly genesys: {
    readonly oauthScopes: readonly string[]
    /** What the OAuth client needs that installs the data actions, and what its role does. */
    readonly installScopes: readonly string[]
    readonly installPermissions: readonly string[]
    readonly filtersPath: string
    readonly subscriptionsPath: string
    readonly maxEnabledFilters: number
  }
}

/** Reads the manifest that lies at the package's root. */
export function readManifest(): Manifest {
  const manifest = JSON.parse(
    readFileSync(join(packageRoot(), 'integration-manifest.json'), 'utf8'),
  ) as Manifest
  const unknown = Object.values(manifest.webhook.events).filter((type) => !ENTRY_TYPES.includes(type))
  if (unknown.length > 0)
    throw new TypeError(`integration-manifest.json names unknown entry types: ${unknown.join(', ')}`)
  return manifest
}

/** The folder of package.json: this file runs from `cli/` and, built, from `dist/cli/`. */
export function packageRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  const parent = dirname(here)
  return parent.endsWith('dist') ? dirname(parent) : parent
}
