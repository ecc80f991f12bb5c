import { Command } from 'commander'
import { withBundleOptions } from '../../bundle/build-options.ts'
import type { BundleOptions } from '../../bundle/build-options.ts'
import { STANDARD_OUTPUT } from '../../output.ts'

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
    .action(async (options: BundleOptions & { readonly out: string }) => {
      const { writeModule } = await import('../../bundle/write-bundle.ts')
      STANDARD_OUTPUT.out(`${writeModule(options, options.out)} files written to ${options.out}`)
    })
}
