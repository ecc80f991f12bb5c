import { randomUUID } from 'node:crypto'
import { Command } from 'commander'
import { issueAccessToken } from '../../receiver/auth/access-token.ts'
import { checkpointKeySource, dataPaths } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { loadKeys } from '../keys-folder.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { readLifetime, readScopes, scopeHelp } from '../token-options.ts'

interface TokenOptions {
  readonly scope: readonly string[]
  readonly subject: string
  readonly expires: string
  readonly keys?: string
  readonly json?: boolean
}

const MAX_LIFETIME_S = 366 * 86_400

/** `token issue`. */
export function tokenCommand(): Command {
  const token = new Command('token').description('access tokens for data actions, auditors and scrapers')
  token
    .command('issue')
    .description('sign an access token and print it')
    .requiredOption(
      '--scope <scope...>',
      'what the token allows; `actions` for every data action, `all` for every scope',
    )
    .option('--subject <name>', 'who will hold it: the name stands in the log and in entries', 'cli')
    .option('--expires <time>', 'lifetime, such as 15m, 12h or 30d', '12h')
    .option('--keys <dir>', 'the keys folder (default: FILTER_LEDGER_KEYS, else data/keys)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      () =>
        `\n${scopeHelp()}\nExample:\n  filter-ledger token issue --scope ledger:read ledger:export --subject auditor --expires 30d`,
    )
    .action(issue)
  return token
}

async function issue(options: TokenOptions): Promise<void> {
  const scopes = readScopes(options.scope)
  const lifetimeS = readLifetime('--expires', options.expires, MAX_LIFETIME_S)
  if (!/^[A-Za-z0-9._@:-]{1,128}$/.test(options.subject)) {
    throw new CliError(EXIT.usage, '--subject takes 1 to 128 letters, digits, and . _ @ : -')
  }
  const { tokenKey } = await loadKeys(
    options.keys ?? dataPaths(process.env).keysFolder,
    checkpointKeySource(process.env),
  )
  const tokenId = randomUUID()
  const now = new Date()
  const token = await issueAccessToken(tokenKey, {
    subject: options.subject,
    scopes,
    lifetimeS,
    tokenId,
    now,
  })
  const expiresAt = new Date(now.getTime() + lifetimeS * 1000).toISOString()
  STANDARD_OUTPUT.out(options.json ? JSON.stringify({ token, tokenId, scopes, expiresAt }) : token)
}
