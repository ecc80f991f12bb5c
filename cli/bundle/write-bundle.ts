import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundleFiles } from '../../bundle/build/bundle-files.ts'
import { fillPage } from '../../bundle/build/fill-page.ts'
import { BundleError } from '../../bundle/bundle-error.ts'
import { terraformModule } from '../../bundle/terraform/terraform-module.ts'
import { CliError, EXIT } from '../exit.ts'
import { readManifest } from '../manifest.ts'
import { systemCode } from '../system-code.ts'
import { replaceFile } from '../whole-file.ts'
import { actionSources } from './action-sources.ts'
import type { BundleOptions } from './build-options.ts'
import { madeParts } from './made-parts.ts'
import { bundleOf } from './our-bundle.ts'

export interface Written {
  readonly files: number
  readonly actions: number
}

/** Writes all files of the bundle, and the made parts of a page. @throws CliError */
export function writeBundle(options: BundleOptions, folder: string, page: string | undefined): Written {
  const bundle = bundleOf(options)
  const manifest = readManifest()
  const sources = actionSources(manifest)
  const files = bundleFiles(bundle, sources, manifest.version)
  writeFiles(folder, files)
  if (page !== undefined) rewritePage(page, madeParts(manifest, sources))
  return { files: Object.keys(files).length, actions: bundle.actions.length }
}

/** Writes the Terraform module, and says how many files it has. @throws CliError */
export function writeModule(options: BundleOptions, folder: string): number {
  const files = terraformModule(bundleOf(options))
  writeFiles(folder, files)
  return Object.keys(files).length
}

/** Each file is whole or not there; what else is in the folder is left alone. */
function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    makeFolder(dirname(path))
    replaceFile(path, text)
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw new CliError(EXIT.usage, `${path} cannot be made (${systemCode(error)}): --out takes a folder`, {
      cause: error,
    })
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
