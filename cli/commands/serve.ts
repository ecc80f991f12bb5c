import { once } from 'node:events'
import { Command } from 'commander'
import type { Logger } from 'pino'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import { checkpointKeySource, readConfig } from '../config.ts'
import type { RemoteConfig } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { hasKeys, initKeys, loadKeys } from '../keys-folder.ts'
import { readManifest } from '../manifest.ts'
import { SETTINGS } from '../settings.ts'
import { sandboxRemote } from '../sandbox-remote.ts'

/** What gathers of the log before it is written, in bytes, and for how long at most. */
const LOG_BYTES = 4096
const LOG_FLUSH_MS = 100

/** `serve`: the receiver, until it is told to stop. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('serve webhooks, data actions, exports and metrics')
    .option(
      '--sandbox',
      'against an embedded stand-in of Genesys Cloud, for a trial; keys are made when there are none',
    )
    .addHelpText(
      'after',
      `\n${settingsHelp()}\nExamples:\n  filter-ledger serve --sandbox\n  filter-ledger serve`,
    )
    .action(serve)
}

async function serve({ sandbox: wantsSandbox }: { readonly sandbox?: boolean }): Promise<void> {
  const config = readConfig(process.env, wantsSandbox ? 'sandbox' : 'live')
  const checkpointKey = checkpointKeySource(process.env)
  if (wantsSandbox && !hasKeys(config.keysFolder)) await initKeys(config.keysFolder, checkpointKey.origin)
  const keys = await loadKeys(config.keysFolder, checkpointKey)
  const { pino } = await import('pino')
  // Not synchronous: a slow terminal or pipe must not hold up the event loop. Lines gather under load, where each write
  // would cost as much as the line, and are flushed at the end.
  const lines = pino.destination({ dest: 1, sync: false, minLength: LOG_BYTES })
  const log = pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }, lines)
  setInterval(() => lines.flush(), LOG_FLUSH_MS).unref()
  const { startSandbox } = await import('../../sandbox/start-sandbox.ts')
  const { startReceiver } = await import('../start-receiver.ts')
  const sandbox = wantsSandbox
    ? await startSandbox({ log: ({ level, msg, ...line }) => log[level]({ ...line, time: undefined }, msg) })
    : undefined
  try {
    const remote = (url: string): RemoteConfig =>
      sandbox ? sandboxRemote(sandbox, url, config) : required(config.remote)
    const receiver = await startReceiver({ config, remote, keys, manifest: readManifest(), log }).catch(
      explainListen,
    )
    announce(log, receiver.url, sandbox)
    await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
    log.info('stopping: answering what is under way')
    await receiver.stop()
    log.info('stopped')
  } finally {
    await sandbox?.close()
  }
}

function announce(log: Logger, url: string, sandbox: Sandbox | undefined): void {
  log.info({ url, pid: process.pid, node: process.version }, 'the receiver listens')
  if (sandbox) log.warn({ sandbox: sandbox.url }, 'this is a SANDBOX of Genesys Cloud, not the real one')
}

function required(remote: RemoteConfig | undefined): RemoteConfig {
  if (!remote) throw new TypeError('a live receiver needs its remote settings')
  return remote
}

function explainListen(error: unknown): never {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    throw new CliError(
      EXIT.unreachable,
      `the port cannot be used (${code}): set FILTER_LEDGER_PORT and FILTER_LEDGER_HOST`,
      { cause: error },
    )
  }
  throw error
}

function settingsHelp(): string {
  const own = Object.entries(SETTINGS).map(([name, use]) => `  ${name.padEnd(42)}${use}`)
  const genesys = [
    ['GENESYSCLOUD_OAUTHCLIENT_ID', 'the OAuth client (or GENESYS_CLIENT_ID)'],
    ['GENESYSCLOUD_OAUTHCLIENT_SECRET', 'its secret (or GENESYS_CLIENT_SECRET)'],
    ['GENESYSCLOUD_REGION', 'such as us-east-1 (or GENESYS_BASE_URL, default https://api.mypurecloud.com)'],
    ['GENESYSCLOUD_GATEWAY_HOST, _PORT, _PROTOCOL', 'a gateway in front of login and API'],
  ].map(([name, use]) => `  ${(name ?? '').padEnd(42)}${use ?? ''}`)
  return `Settings (environment):\n${[...own, ...genesys].join('\n')}`
}
