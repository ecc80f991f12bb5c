import { randomUUID } from 'node:crypto'
import { Command } from 'commander'
import { issueAccessToken } from '../../receiver/auth/access-token.ts'
import { checkpointKeySource, dataPaths } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { loadKeys } from '../keys-folder.ts'
import { readManifest } from '../manifest.ts'
import { STANDARD_OUTPUT } from '../output.ts'

interface TokenOptions {
  readonly scope: readonly string[]
  readonly subject: string
  readonly expires: string
  readonly keys?: string
  readonly json?: boolean
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
const MAX_LIFETIME_S = 366 * 86_400

/** `token issue`. */
export function tokenCommand(): Command {
  const token = new Command('token').description('access tokens for data actions, auditors and scrapers')
  token
    .command('issue')
    .description('sign an access token and print it')
    .requiredOption('--scope <scope...>', 'what the token allows; `all` for every scope')
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
  const scopes = checkScopes(options.scope)
  const lifetimeS = parseLifetime(options.expires)
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

function checkScopes(wanted: readonly string[]): readonly string[] {
  const known = Object.keys(readManifest().scopes)
  const scopes = wanted.flatMap((each) => each.split(',')).filter(Boolean)
  if (scopes.includes('all')) return known
  const unknown = scopes.filter((scope) => !known.includes(scope))
  if (unknown.length > 0)
    throw new CliError(EXIT.usage, `there is no scope ${unknown.join(', ')}; there are: ${known.join(', ')}`)
  return scopes
}

function parseLifetime(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const seconds = Number(count) * (UNITS[unit ?? ''] ?? NaN)
  if (!(seconds >= 1 && seconds <= MAX_LIFETIME_S)) {
    throw new CliError(EXIT.usage, '--expires takes a lifetime such as 15m, 12h or 30d, of at most 366d')
  }
  return seconds
}

function scopeHelp(): string {
  const lines = Object.entries(readManifest().scopes).map(([scope, use]) => `  ${scope.padEnd(24)}${use}`)
  return `Scopes:\n${lines.join('\n')}`
}
