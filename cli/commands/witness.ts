import { once } from 'node:events'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import type { NoteSigner } from '../../ledger/note/note-signer.ts'
import type { WriterLock } from '../../ledger/store/writer-lock.ts'
import { CliError, EXIT } from '../exit.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { readSecret, writeSecret } from '../secret-file.ts'
import { makeFolder } from '../whole-file.ts'

const KEY_FILE = 'witness-key.jwk.json'

/** `witness init`, `witness show` and `witness serve`: watches the ledgers of others. */
export function witnessCommand(): Command {
  const witness = new Command('witness').description(
    'cosign the checkpoints of other ledgers, and never two histories of one',
  )
  witness.addCommand(initCommand())
  witness.addCommand(showCommand())
  witness.addCommand(serveCommand())
  return witness
}

function initCommand(): Command {
  return new Command('init')
    .description('make the key of this witness and print its verifier key, for the ledgers to know')
    .requiredOption('--dir <dir>', 'the folder of this witness')
    .requiredOption('--name <name>', 'its name: a URL without scheme, such as witness.example.org')
    .addHelpText(
      'after',
      '\nExample:\n  filter-ledger witness init --dir ./witness --name witness.example.org',
    )
    .action(async ({ dir, name }: { readonly dir: string; readonly name: string }) => {
      const { isKeyName } = await import('../../ledger/note/verifier-key.ts')
      if (!isKeyName(name)) throw new CliError(EXIT.usage, '--name takes no space and no plus sign')
      const path = join(dir, KEY_FILE)
      if (existsSync(path)) throw new CliError(EXIT.no, `${dir} has a key already; nothing was changed`)
      makeFolder(dir)
      const { privateKey } = generateKeyPairSync('ed25519')
      writeSecret(
        path,
        JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: name }, null, 2) + '\n',
      )
      STANDARD_OUTPUT.out(await verifierKeyOf(dir))
    })
}

function showCommand(): Command {
  return new Command('show')
    .description('print the verifier key of this witness')
    .requiredOption('--dir <dir>', 'the folder of this witness')
    .addHelpText('after', '\nExample:\n  filter-ledger witness show --dir ./witness')
    .action(async ({ dir }: { readonly dir: string }) => {
      STANDARD_OUTPUT.out(await verifierKeyOf(dir))
    })
}

interface ServeOptions {
  readonly dir: string
  readonly log: readonly string[]
  readonly port: string
  readonly host: string
}

function serveCommand(): Command {
  return new Command('serve')
    .description('answer the ledgers that are named')
    .requiredOption('--dir <dir>', 'the folder of this witness')
    .requiredOption('--log <key...>', 'verifier keys of the ledgers to watch, or files of them')
    .option('--port <port>', 'port to listen on; 0 takes a free one', '8081')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addHelpText(
      'after',
      '\nPut a TLS proxy in front of it.\nExample:\n  filter-ledger witness serve --dir ./witness --log ledger-verifier-key.txt',
    )
    .action(serve)
}

async function serve({ dir, log, port, host }: ServeOptions): Promise<void> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new CliError(EXIT.usage, '--port takes a number from 0 to 65535')
  const { readVerifierKeys } = await import('./ledger/verify.ts')
  const { createWitness } = await import('../../ledger/witness/witness.ts')
  const { folderStore } = await import('../../ledger/witness/witness-store.ts')
  const { createWitnessApp } = await import('../../receiver/witness/witness-app.ts')
  const { listen } = await import('../../receiver/http/listen.ts')
  const signer = await loadSigner(dir)
  const logs = await readVerifierKeys(log)
  const lock = await lockFolder(dir)
  try {
    const addCheckpoint = createWitness({ signer, logs, store: folderStore(dir), now: () => new Date() })
    const door = await listen({ host, port: Number(port) })
    door.serve(
      createWitnessApp({
        addCheckpoint,
        onError: (error) => {
          STANDARD_OUTPUT.err(
            `filter-ledger: a request failed: ${error instanceof Error ? error.message : String(error)}`,
          )
        },
      }),
    )
    STANDARD_OUTPUT.out(`the witness ${signer.key.name} listens on ${door.url}`)
    await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
    await door.drain(5000)
  } finally {
    lock.release()
  }
}

/**
 * What was cosigned last is read, compared and written in one process alone: two would each find the same old head
 * and cosign another history. Taken before the port, kept until the last answer.
 */
async function lockFolder(dir: string): Promise<WriterLock> {
  const { acquireWriterLock } = await import('../../ledger/store/writer-lock.ts')
  const { LedgerError } = await import('../../ledger/ledger-error.ts')
  try {
    return acquireWriterLock(join(dir, 'witness'))
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'ledger-in-use') throw error
    throw new LedgerError(
      'ledger-in-use',
      `another process is the witness of ${dir}: stop it first. Two would cosign two histories`,
      { cause: error },
    )
  }
}

async function verifierKeyOf(dir: string): Promise<string> {
  const { formatVerifierKey } = await import('../../ledger/note/verifier-key.ts')
  return formatVerifierKey((await loadSigner(dir)).key)
}

async function loadSigner(dir: string): Promise<NoteSigner> {
  const { noteSigner } = await import('../../ledger/note/note-signer.ts')
  const { LedgerError } = await import('../../ledger/ledger-error.ts')
  const path = join(dir, KEY_FILE)
  const text = readSecret(path, { whenMissing: 'run `filter-ledger witness init`' })
  try {
    const { kid } = JSON.parse(text) as { readonly kid?: unknown }
    return noteSigner(String(kid), text, 'cosignature')
  } catch (error) {
    if (error instanceof LedgerError || error instanceof SyntaxError)
      throw new CliError(EXIT.usage, `${path} is not the key of a witness`)
    throw error
  }
}
