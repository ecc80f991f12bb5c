import { Command } from 'commander'
import { formatVerifierKey } from '../../ledger/note/verifier-key.ts'
import { publicTokenJwk } from '../../receiver/auth/access-token.ts'
import { finishRotation, loadCheckpointKey, prepareRotation, readNextKey } from '../checkpoint-key.ts'
import { checkpointKeySource, dataPaths } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { initKeys, loadKeys } from '../keys-folder.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { requireFile } from '../require-file.ts'

interface KeysOptions {
  readonly keys?: string
  readonly json?: boolean
}

interface RotateOptions extends KeysOptions {
  readonly db?: string
  readonly next?: string
}

/** `keys init`, `keys show` and `keys rotate`. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('make, show and change the keys of this installation')
  keys.addCommand(initCommand())
  keys.addCommand(showCommand())
  keys.addCommand(rotateCommand())
  return keys
}

function initCommand(): Command {
  return new Command('init')
    .description(
      'make the keys that are missing: they sign access tokens and checkpoints, and hide conversation ids',
    )
    .option('--keys <dir>', 'the keys folder (default: FILTER_LEDGER_KEYS, else data/keys)')
    .option(
      '--origin <name>',
      'names the ledger in its checkpoints, unique for ever: a URL without scheme (default: FILTER_LEDGER_ORIGIN)',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  filter-ledger keys init --origin audit.example.com/filter-ledger/prod',
    )
    .action(async (options: KeysOptions & { readonly origin?: string }) => {
      const folder = folderOf(options)
      const { origin } = checkpointKeySource(process.env)
      await initKeys(folder, options.origin ?? origin)
      const { tokenKey, signer } = await loadKeys(folder, { key: undefined, origin })
      const verifierKey = formatVerifierKey(signer.key)
      STANDARD_OUTPUT.out(
        options.json
          ? JSON.stringify({ folder, kid: tokenKey.kid, verifierKey })
          : `keys made in ${folder} (token key ${tokenKey.kid})\nverifier key, to give to auditors: ${verifierKey}`,
      )
    })
}

function showCommand(): Command {
  return new Command('show')
    .description('print the public halves: the verifier key of checkpoints, and both keys as JWKs')
    .option('--keys <dir>', 'the keys folder (default: FILTER_LEDGER_KEYS, else data/keys)')
    .option('--vkey', 'print the verifier key alone')
    .option('--json', 'print JSON on one line')
    .addHelpText('after', '\nExample:\n  filter-ledger keys show --vkey')
    .action(async (options: KeysOptions & { readonly vkey?: boolean }) => {
      const folder = folderOf(options)
      const { key } = loadCheckpointKey(folder, checkpointKeySource(process.env))
      const verifierKey = formatVerifierKey(key)
      if (options.vkey) {
        STANDARD_OUTPUT.out(verifierKey)
        return
      }
      const { tokenKey } = await loadKeys(folder, checkpointKeySource(process.env))
      const checkpointKey = {
        kty: 'OKP',
        crv: 'Ed25519',
        x: key.publicKey.toString('base64url'),
        kid: key.name,
      }
      const shown = { verifierKey, checkpointKey, tokenKey: await publicTokenJwk(tokenKey) }
      STANDARD_OUTPUT.out(JSON.stringify(shown, null, options.json ? undefined : 2))
    })
}

function rotateCommand(): Command {
  return new Command('rotate')
    .description('change the key that signs checkpoints; the change is an entry, signed by both keys')
    .option('--keys <dir>', 'the keys folder (default: FILTER_LEDGER_KEYS, else data/keys)')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option(
      '--next <file>',
      'the next key (JWK, PEM), where FILTER_LEDGER_CHECKPOINT_KEY names the current one',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Stop the receiver first. If it is cut off, run it again.
Examples:
  filter-ledger keys rotate --db data/ledger.db
  filter-ledger keys rotate --next next.pem   (then set FILTER_LEDGER_CHECKPOINT_KEY to that key)`,
    )
    .action(rotate)
}

async function rotate(options: RotateOptions): Promise<void> {
  const source = checkpointKeySource(process.env)
  requireRightWay(source.key !== undefined, options.next !== undefined)
  const { lastSigningKey, rotateKey } = await import('../rotate-key.ts')
  const folder = folderOf(options)
  const current = loadCheckpointKey(folder, source)
  const paths = dataPaths(process.env)
  const database = requireFile(options.db ?? paths.database)
  const next =
    options.next === undefined
      ? prepareRotation(folder, current.key, (await lastSigningKey(database))?.key)
      : readNextKey(options.next, current.key)
  const index = await rotateKey({ ...paths, database }, current, next)
  if (options.next === undefined) finishRotation(folder, current.key)
  const verifierKey = formatVerifierKey(next.key)
  STANDARD_OUTPUT.out(
    options.json
      ? JSON.stringify({ index, old: formatVerifierKey(current.key), verifierKey })
      : `the checkpoint key was changed (entry ${index})\nverifier key from now on: ${verifierKey}${options.next === undefined ? '' : NOW_SET}`,
  )
}

const NOW_SET =
  '\nset FILTER_LEDGER_CHECKPOINT_KEY to the next key now: with the older one nothing starts any more'

/** A key that is kept elsewhere cannot be replaced from here: its keeper makes the next one. */
function requireRightWay(isElsewhere: boolean, hasNext: boolean): void {
  if (isElsewhere === hasNext) return
  throw new CliError(
    EXIT.usage,
    isElsewhere
      ? 'FILTER_LEDGER_CHECKPOINT_KEY names the current key, so the next one is made where you keep that one (`openssl genpkey -algorithm ed25519` makes one): leave the setting as it is, run `filter-ledger keys rotate --next FILE`, then set it to the next key'
      : '--next is for a key that FILTER_LEDGER_CHECKPOINT_KEY names; the one of the keys folder gets its next key made there',
  )
}

function folderOf(options: KeysOptions): string {
  return options.keys ?? dataPaths(process.env).keysFolder
}
