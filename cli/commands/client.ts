import { Command } from 'commander'
import type { NewClient, SecretOfClient } from '../clients/change-clients.ts'
import type { StoredClient } from '../clients/client-record.ts'
import { readClients } from '../clients/clients-file.ts'
import { dataPaths } from '../config.ts'
import { STANDARD_OUTPUT, table } from '../output.ts'
import { readLifetime, readScopes, scopeHelp } from '../token-options.ts'

interface ClientOptions {
  readonly keys?: string
  readonly json?: boolean
}

interface AddOptions extends ClientOptions {
  readonly scope: readonly string[]
  readonly expires?: string
}

interface RotateOptions extends ClientOptions {
  readonly overlap: string
}

const MAX_LIFETIME_S = 3660 * 86_400
const MAX_OVERLAP_S = 30 * 86_400

/** `client add`, `list`, `rotate` and `remove`. */
export function clientCommand(): Command {
  const client = new Command('client').description(
    'clients that get short-lived tokens from POST /oauth/token, as a Genesys Cloud integration does',
  )
  for (const command of [addCommand(), listCommand(), rotateCommand(), removeCommand()])
    client.addCommand(withKeys(command))
  return client
}

function withKeys(command: Command): Command {
  return command
    .option('--keys <dir>', 'the keys folder (default: FILTER_LEDGER_KEYS, else data/keys)')
    .option('--json', 'print JSON')
}

function addCommand(): Command {
  return new Command('add')
    .description('make a client, and print its id and its secret; a running receiver knows it at once')
    .argument('<name>', 'what it is for: the name stands in its id, in the log and in entries')
    .requiredOption(
      '--scope <scope...>',
      'all that its tokens may allow; `actions` for every data action, `all` for every scope',
    )
    .option('--expires <time>', 'when it ends, such as 90d (default: never)')
    .addHelpText(
      'after',
      () =>
        `\n${scopeHelp()}\nExample:\n  filter-ledger client add architect --scope actions:deploy-filter actions:record-block`,
    )
    .action(async (name: string, options: AddOptions) => {
      const { addClient } = await import('../clients/change-clients.ts')
      const order: NewClient = {
        name,
        scopes: readScopes(options.scope),
        lifetimeS:
          options.expires === undefined
            ? undefined
            : readLifetime('--expires', options.expires, MAX_LIFETIME_S),
      }
      printSecret(await addClient(folderOf(options), order), options)
    })
}

function listCommand(): Command {
  return new Command('list').description('print the clients, without their secrets').action(list)
}

function rotateCommand(): Command {
  return new Command('rotate')
    .description('give a client a new secret, and print it; the one before holds for a while longer')
    .argument('<name>', 'its name or its id')
    .option('--overlap <time>', 'how long the secret before still holds, such as 7d; 0 ends it now', '24h')
    .addHelpText('after', '\nExample:\n  filter-ledger client rotate architect --overlap 7d')
    .action(async (name: string, options: RotateOptions) => {
      const { rotateClient } = await import('../clients/change-clients.ts')
      const { overlap } = options
      const overlapS = overlap === '0' ? 0 : readLifetime('--overlap', overlap, MAX_OVERLAP_S)
      printSecret(await rotateClient(folderOf(options), name, overlapS), options)
    })
}

function removeCommand(): Command {
  return new Command('remove')
    .description('take a client away: it gets no more tokens; those that it has end by themselves')
    .argument('<name>', 'its name or its id')
    .addHelpText('after', '\nExample:\n  filter-ledger client remove architect')
    .action(async (name: string, options: ClientOptions) => {
      const { removeClient } = await import('../clients/change-clients.ts')
      const { id } = await removeClient(folderOf(options), name)
      STANDARD_OUTPUT.out(
        options.json ? JSON.stringify({ removed: id }) : `removed: ${id}; it gets no more tokens`,
      )
    })
}

function list(options: ClientOptions): void {
  const clients = readClients(folderOf(options))
  if (options.json) {
    STANDARD_OUTPUT.out(JSON.stringify(clients.map(shown)))
    return
  }
  const rows = clients.map(({ id, scopes, createdAt, expiresAt, hashes }) => [
    id,
    createdAt.toISOString(),
    expiresAt?.toISOString() ?? 'never',
    previousUntil(hashes.previous) ?? '-',
    scopes.join(' '),
  ])
  STANDARD_OUTPUT.out(
    rows.length === 0
      ? 'there are no clients: `filter-ledger client add` makes one'
      : table([['client id', 'made', 'ends', 'secret before ends', 'scopes'], ...rows]),
  )
}

/** All but what its secret could be held against. */
function shown({ id, name, scopes, createdAt, expiresAt, hashes }: StoredClient) {
  const until = previousUntil(hashes.previous)
  return {
    clientId: id,
    name,
    scopes,
    createdAt: createdAt.toISOString(),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    ...(until !== undefined && { previousSecretUntil: until }),
  }
}

function previousUntil(previous: StoredClient['hashes']['previous']): string | undefined {
  return previous && previous.until > new Date() ? previous.until.toISOString() : undefined
}

function printSecret({ client, secret }: SecretOfClient, { json }: ClientOptions): void {
  if (json) {
    const { clientId, ...more } = shown(client)
    STANDARD_OUTPUT.out(JSON.stringify({ clientId, clientSecret: secret, ...more }))
    return
  }
  const until = previousUntil(client.hashes.previous)
  STANDARD_OUTPUT.out(
    [
      `client id:      ${client.id}`,
      `client secret:  ${secret}`,
      `scopes:         ${client.scopes.join(' ')}`,
      ...(client.expiresAt ? [`ends:           ${client.expiresAt.toISOString()}`] : []),
      ...(until === undefined ? [] : [`secret before:  holds until ${until}`]),
    ].join('\n'),
  )
  STANDARD_OUTPUT.err('the secret is shown this once: only its hash is kept')
}

function folderOf({ keys }: ClientOptions): string {
  return keys ?? dataPaths(process.env).keysFolder
}
