import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { bundleFiles } from '../../../bundle/build/bundle-files.ts'
import { fillPage } from '../../../bundle/build/fill-page.ts'
import { BundleError } from '../../../bundle/bundle-error.ts'
import { actionSources } from '../../bundle/action-sources.ts'
import { bundleOf, withBundleOptions } from '../../bundle/build-options.ts'
import type { BundleOptions } from '../../bundle/build-options.ts'
import { madeParts } from '../../bundle/made-parts.ts'
import { CliError, EXIT } from '../../exit.ts'
import { readManifest } from '../../manifest.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { replaceFile } from '../../whole-file.ts'

interface BuildCommandOptions extends BundleOptions {
  readonly out: string
  readonly page?: string
}

const EXAMPLES = `
Writes what the Genesys Cloud UI imports (*.custom.json, *.customAuth.json), an OpenAPI document, a step for a flow of
each action, and a Terraform module. The same options write the same bytes.
Examples:
  filter-ledger actions build --base-url https://filter-ledger.example.com
  filter-ledger actions build --base-url https://filter-ledger.example.com --auth api-key --out api-key-actions`

/** `actions build`. */
export function buildCommand(): Command {
  return withBundleOptions(
    new Command('build').description('write the bundle: definitions, OpenAPI, Terraform'),
  )
    .option('--out <dir>', 'folder to write to', 'data-actions')
    .option('--page <file>', 'also rewrite the made parts of this Markdown page (for docs/actions.md)')
    .addHelpText('after', EXAMPLES)
    .action(build)
}

function build(options: BuildCommandOptions): void {
  const bundle = bundleOf(options)
  const manifest = readManifest()
  const sources = actionSources(manifest)
  const files = bundleFiles(bundle, sources, manifest.version)
  writeFiles(options.out, files)
  if (options.page !== undefined) rewritePage(options.page, madeParts(manifest, sources))
  const { length } = Object.keys(files)
  STANDARD_OUTPUT.out(
    `${length} files written to ${options.out}: ${bundle.actions.length} actions, ${bundle.auth}`,
  )
}

/** Each file is whole or not there; what else is in the folder is left alone. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    replaceFile(path, text)
  }
}

function rewritePage(path: string, made: Readonly<Record<string, string>>): void {
  try {
    replaceFile(path, fillPage(readFileSync(path, 'utf8'), made))
  } catch (error) {
    if (error instanceof BundleError) throw new CliError(EXIT.usage, `${path}: ${error.message}`)
    throw error
  }
}
