import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startSandbox } from '../../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../../sandbox/start-sandbox.ts'
import { call, FILTERS, login } from '../../sandbox/sandbox-caller.ts'
import { tempFolder } from '../../support/temp-ledger.ts'
import { runCli, serveCli } from '../run-cli.ts'
import type { CliResult, Served } from '../run-cli.ts'

/** A folder with keys, a sandbox in this process, and the program as it is installed. */
export interface PipelineShell {
  readonly cwd: string
  readonly sandbox: Sandbox
  readonly env: Readonly<Record<string, string>>
  /** Runs a command; through the receiver, where one is served. */
  readonly cli: (...args: readonly string[]) => Promise<CliResult>
  /** Writes filters into a file, as JSON. */
  readonly write: (name: string, filters: unknown) => void
  /** The live filters, asked for past the program. */
  readonly live: () => Promise<readonly LiveFilter[]>
  /** Calls the sandbox past the program. */
  readonly outside: (method: string, path: string, body?: unknown) => Promise<void>
  readonly url: string | undefined
  readonly close: () => Promise<void>
}

export interface LiveFilter {
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  readonly priority: number
  readonly version: number
  readonly config: { readonly block_action: string }
}

export async function openShell(where: 'through a receiver' | 'without a receiver'): Promise<PipelineShell> {
  const cwd = tempFolder()
  const sandbox = await startSandbox({ rateLimit: false, delivery: { retries: 0 } })
  await runCli(['keys', 'init'], { cwd })
  const env: Record<string, string> = {
    GENESYSCLOUD_OAUTHCLIENT_ID: sandbox.clientId,
    GENESYSCLOUD_OAUTHCLIENT_SECRET: sandbox.clientSecret,
    GENESYSCLOUD_GATEWAY_HOST: '127.0.0.1',
    GENESYSCLOUD_GATEWAY_PORT: String(sandbox.port),
    GENESYSCLOUD_GATEWAY_PROTOCOL: 'http',
    FILTER_LEDGER_PUBLIC_URL: 'http://127.0.0.1:9',
    FILTER_LEDGER_WEBHOOK_JWKS: sandbox.jwksUrl,
    FILTER_LEDGER_DB: join(cwd, 'data', 'ledger.db'),
  }
  let served: Served | undefined
  if (where === 'through a receiver') {
    served = await serveCli({ cwd, env, args: [] })
    const scopes = ['pipeline:read', 'pipeline:write']
    env['FILTER_LEDGER_TOKEN'] = (await runCli(['token', 'issue', '--scope', ...scopes], { cwd })).out.trim()
  }
  const through = served ? ['--receiver', served.url] : []
  const token = await login(sandbox)
  return {
    cwd,
    sandbox,
    env,
    cli: (...args) => runCli([...args, ...through], { cwd, env }),
    write: (name, filters) => writeFileSync(join(cwd, name), JSON.stringify(filters, undefined, 2)),
    live: async () => {
      const { body } = await call(sandbox, 'GET', `${FILTERS}?pageSize=100`, { token })
      return (body as { readonly entities: readonly LiveFilter[] }).entities
    },
    outside: async (method, path, body) => {
      const { status } = await call(sandbox, method, FILTERS + path, {
        token,
        ...(body !== undefined && { body }),
      })
      if (status >= 300) throw new Error(`the sandbox answered ${status}`)
    },
    url: served?.url,
    close: async () => {
      await served?.end('SIGTERM')
      await sandbox.close()
    },
  }
}

/** Entries in the ledger. */
export async function ledgerSize({ cwd, env }: PipelineShell): Promise<number> {
  const { out } = await runCli(['ledger', 'verify', '--json'], {
    cwd,
    env: { FILTER_LEDGER_DB: env['FILTER_LEDGER_DB'] ?? '' },
  })
  return (JSON.parse(out) as { readonly size: number }).size
}
