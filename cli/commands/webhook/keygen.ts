import { Command, Option } from 'commander'
import { STANDARD_OUTPUT } from '../../output.ts'
import { writeWebhookKeys } from '../../webhook/keygen.ts'
import type { KeygenOptions } from '../../webhook/keygen.ts'
import { SCHEMES } from '../../webhook/sender.ts'
import { ALGORITHMS } from '../../../receiver/webhook/schemes/asymmetric.ts'

/** `webhook keygen`. */
export function keygenCommand(): Command {
  return new Command('keygen')
    .description('make what a sender signs with, and what its receiver needs; nothing is overwritten')
    .addOption(new Option('--scheme <scheme>', 'how deliveries are signed').choices(SCHEMES).default('jws'))
    .requiredOption('--out <dir>', 'the folder for the files')
    .addOption(new Option('--alg <alg>', 'for jws').choices(ALGORITHMS).default('ES256'))
    .option('--kid <id>', 'for jws: the key id (default: the key’s thumbprint)')
    .option('--ed25519', 'for standard-webhooks: a key pair (v1a) in place of a secret (v1)', false)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Makes private.jwk and jwks.json for jws; hub-secret.txt, whsec.txt, whsk.txt with whpk.txt, or api-key.txt for the
others. The receiver gets jwks.json or whpk.txt, or the secret itself where there is but one.
Examples:
  filter-ledger webhook keygen --scheme jws --out ./sender
  filter-ledger webhook keygen --scheme standard-webhooks --ed25519 --out ./sender`,
    )
    .action((options: KeygenOptions & { readonly json?: boolean }) => {
      const files = writeWebhookKeys(options)
      STANDARD_OUTPUT.out(
        options.json ? JSON.stringify({ files }) : files.map((file) => `made ${file}`).join('\n'),
      )
    })
}
