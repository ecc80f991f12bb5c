import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { doctorChecks } from '../../../cli/doctor/checks.ts'
import type { DoctorDeps } from '../../../cli/doctor/checks.ts'
import type { Line } from '../../../cli/doctor/line.ts'
import { runChecks } from '../../../cli/doctor/run-checks.ts'
import { readManifest } from '../../../cli/manifest.ts'
import type { Sandbox } from '../../../sandbox/start-sandbox.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'
import { makeCliLedger } from '../cli-ledger.ts'

const closers: (() => Promise<unknown>)[] = []

/** Closes it after the test. */
export function closing<T extends { readonly close: () => Promise<unknown> }>(thing: T): T {
  closers.push(thing.close)
  return thing
}

export async function tearDown(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close()
  removeTempFolders()
}

/** A folder with keys and a ledger of three entries. */
export async function makePlace(): Promise<string> {
  const folder = tempFolder()
  await makeCliLedger(folder, 3)
  return folder
}

/** The environment of a receiver at `url` that works with a sandbox. */
export function envOf(
  folder: string,
  sandbox: Sandbox,
  url = 'http://127.0.0.1:9',
): Readonly<Record<string, string>> {
  return {
    FILTER_LEDGER_DATA: join(folder, 'data'),
    FILTER_LEDGER_PUBLIC_URL: url,
    FILTER_LEDGER_WEBHOOK_JWKS: sandbox.jwksUrl,
    GENESYSCLOUD_OAUTHCLIENT_ID: sandbox.clientId,
    GENESYSCLOUD_OAUTHCLIENT_SECRET: sandbox.clientSecret,
    GENESYSCLOUD_GATEWAY_PROTOCOL: 'http',
    GENESYSCLOUD_GATEWAY_HOST: '127.0.0.1',
    GENESYSCLOUD_GATEWAY_PORT: String(sandbox.port),
  }
}

export interface Diagnosis {
  readonly lines: readonly Line[]
  /** The only line of that name. */
  readonly line: (name: string) => Line
  readonly said: readonly string[]
}

/** The doctor in this process, with everything that it is handed. */
export async function diagnose(
  env: DoctorDeps['env'],
  changes: Partial<DoctorDeps> = {},
): Promise<Diagnosis> {
  const said: string[] = []
  const checks = await doctorChecks({
    env,
    manifest: readManifest(),
    fetch,
    now: () => new Date(),
    nodeVersion: process.version,
    nodeMinimum: '>=20.19',
    freeBytes: () => 2 ** 40,
    keys: {},
    roundTrip: false,
    say: (text) => said.push(text),
    uncut: (run) => run(new AbortController().signal),
    ...changes,
  })
  const lines = await runChecks(checks, () => undefined)
  return {
    lines,
    said,
    line: (name) => {
      const [found, ...more] = lines.filter((line) => line.name === name)
      if (!found || more.length > 0)
        throw new Error(`${name} is there ${found ? 'more than once' : 'not at all'}`)
      return found
    },
  }
}

/** A server that answers as the test likes. */
export async function serverOf(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing({ close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A port that nobody listens on. */
export async function deadUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}
