import { Command } from 'commander'
import { withBundleOptions } from '../../bundle/build-options.ts'
import type { BundleOptions } from '../../bundle/build-options.ts'
import { STANDARD_OUTPUT } from '../../output.ts'

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
    .option('--out <dir>', 'folder to write to', 'dist/actions')
    .option('--page <file>', 'also rewrite the made parts of this Markdown page (for docs/actions.md)')
    .addHelpText('after', EXAMPLES)
    .action(build)
}

async function build(options: BuildCommandOptions): Promise<void> {
  const { writeBundle } = await import('../../bundle/write-bundle.ts')
  const { out, page, auth } = options
  const { files, actions } = writeBundle(options, out, page)
  STANDARD_OUTPUT.out(`${files} files written to ${out}: ${actions} actions, ${auth}`)
}
