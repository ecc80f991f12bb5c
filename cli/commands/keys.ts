import { Command } from 'commander'
import { publicTokenJwk } from '../../receiver/auth/access-token.ts'
import { dataPaths } from '../config.ts'
import { initKeys, loadKeys } from '../keys-folder.ts'
import { STANDARD_OUTPUT } from '../output.ts'

/** `keys init` and `keys show`. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('make and show the keys of this installation')
  keys
    .command('init')
    .description('make the keys: one that signs access tokens, one that hides conversation ids')
    .option('--keys <dir>', 'the keys folder (default: FILTER_LEDGER_KEYS, else data/keys)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  filter-ledger keys init --keys ./keys')
    .action(async (options: { keys?: string; json?: boolean }) => {
      const folder = options.keys ?? dataPaths(process.env).keysFolder
      await initKeys(folder)
      const { kid } = (await loadKeys(folder)).tokenKey
      STANDARD_OUTPUT.out(
        options.json ? JSON.stringify({ folder, kid }) : `keys made in ${folder} (token key ${kid})`,
      )
    })
  keys
    .command('show')
    .description('print the public half of the token key as a JWK')
    .option('--keys <dir>', 'the keys folder (default: FILTER_LEDGER_KEYS, else data/keys)')
    .option('--json', 'print JSON on one line')
    .addHelpText('after', '\nExample:\n  filter-ledger keys show')
    .action(async (options: { keys?: string; json?: boolean }) => {
      const { tokenKey } = await loadKeys(options.keys ?? dataPaths(process.env).keysFolder)
      STANDARD_OUTPUT.out(JSON.stringify(await publicTokenJwk(tokenKey), null, options.json ? undefined : 2))
    })
  return keys
}
