import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { initKeys } from '../../cli/keys-folder.ts'
import { packageRoot } from '../../cli/manifest.ts'
import type { Sender } from './signed-deliveries.ts'

/** A server in a process of its own. */
export interface Server {
  readonly process: ChildProcess
  readonly url: string
}

/** The floor: an Express 5 route that takes the raw body and answers 202. */
export function startBare(): Promise<Server> {
  return startScript('./bare-express.js', {})
}

/** A peer that verifies and stores nothing. */
export function startOctokit({ secret }: Sender): Promise<Server> {
  return startScript('./octokit-verify.js', { BENCH_SECRET: secret })
}

/** The program as it is served, logging included; only Genesys Cloud is never called. */
export async function startReceiver(folder: string, sender: Sender): Promise<Server> {
  await initKeys(join(folder, 'keys'))
  writeFileSync(join(folder, 'hub.secret'), sender.secret, { mode: 0o600 })
  const genesys = { scheme: 'jws', algorithms: ['ES256'], keys: sender.jwks.keys, perMinute: 10_000_000 }
  const hub = { scheme: 'hub-sha256', encoding: 'hex', secrets: ['file:hub.secret'], perMinute: 10_000_000 }
  writeFileSync(join(folder, 'sources.json'), JSON.stringify({ sources: { genesys, hub } }))
  const env = {
    PATH: process.env['PATH'],
    FILTER_LEDGER_DATA: folder,
    FILTER_LEDGER_PORT: '0',
    FILTER_LEDGER_SOURCES: join(folder, 'sources.json'),
    FILTER_LEDGER_TRUST_PROXY: '127.0.0.1',
    FILTER_LEDGER_PUBLIC_URL: 'https://receiver.example',
    GENESYSCLOUD_OAUTHCLIENT_ID: 'bench',
    GENESYSCLOUD_OAUTHCLIENT_SECRET: 'bench',
  }
  const bin = join(packageRoot(), 'bin', 'filter-ledger.js')
  const child = spawn(process.execPath, [bin, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  return { process: child, url: await urlFrom(child) }
}

/** Resident memory of a process in MiB; undefined where there is no /proc. */
export function residentMiB({ process: { pid } }: Server): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid ?? ''}/status`, 'utf8')
    const kiB = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
    return kiB === undefined ? undefined : Math.round(Number(kiB) / 1024)
  } catch {
    return undefined
  }
}

async function startScript(script: string, env: Readonly<Record<string, string>>): Promise<Server> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, [path], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { process: child, url: await urlFrom(child) }
}

/** The first line that names an address; what follows is read and dropped, so that the pipe never fills. */
async function urlFrom(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new TypeError('the child has no standard output')
  const lines = createInterface({ input: child.stdout })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) =>
      reject(new Error(`the server ended with ${code ?? 'a signal'} before it listened`)),
    )
    lines.on('line', (line) => {
      const url = (JSON.parse(line) as { readonly url?: string }).url
      if (url !== undefined) resolve(url)
    })
  })
}
