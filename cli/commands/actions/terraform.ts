import { Command } from 'commander'
import { terraformModule } from '../../../bundle/terraform/terraform-module.ts'
import { bundleOf, withBundleOptions } from '../../bundle/build-options.ts'
import type { BundleOptions } from '../../bundle/build-options.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { writeFiles } from './build.ts'

const EXAMPLES = `
Secrets are variables of the module and stand in no file that is written.
Example:
  filter-ledger actions terraform --base-url https://filter-ledger.example.com --out terraform`

/** `actions terraform`. */
export function terraformCommand(): Command {
  return withBundleOptions(
    new Command('terraform').description('write the bundle as a Terraform module (CX as Code)'),
  )
    .option('--out <dir>', 'folder to write to', 'terraform')
    .addHelpText('after', EXAMPLES)
    .action((options: BundleOptions & { readonly out: string }) => {
      const files = terraformModule(bundleOf(options))
      writeFiles(options.out, files)
      STANDARD_OUTPUT.out(`${Object.keys(files).length} files written to ${options.out}`)
    })
}
