import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { packageRoot } from '../cli/manifest.ts'
import { initKeys } from '../cli/keys-folder.ts'
import { openReader } from '../ledger/store/entry-reader.ts'
import { verifyLedger } from '../ledger/verify/verify-ledger.ts'
import { MIGRATIONS } from '../migrations/migrations.ts'
import { createSender } from './signed-deliveries.ts'
import type { SignedDelivery } from './signed-deliveries.ts'

const CONNECTIONS = 64
const ROUNDS = 3
const DELIVERIES_A_ROUND = 12_800
/** Not counted in the ratio: compilers and caches get warm. A multiple of the connections, as above. */
const WARM_UP = 1920

interface Round {
  readonly rps: number
  readonly p99Ms: number
  readonly accepted: number
}

/**
 * Durable ES256 ingest against a bare Express route, in turns, each in a process of its own, the load in
 * this one. Afterwards the receiver is killed with -9: every delivery that it answered with 202 must be in
 * the ledger, which proves that the 202 came after the commit.
 */
export async function benchIngest(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'filter-ledger-bench-'))
  const sender = createSender()
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify(sender.jwks))
  await initKeys(join(folder, 'keys'))
  const bare = await startBare()
  const receiver = await startReceiver(folder)
  try {
    const rounds: { bare: Round; receiver: Round }[] = []
    await round(bare.url, sender.deliveries(WARM_UP))
    await round(receiver.url, sender.deliveries(WARM_UP))
    for (let i = 0; i < ROUNDS; i++) {
      const deliveries = sender.deliveries(DELIVERIES_A_ROUND)
      rounds.push({
        bare: await round(bare.url, deliveries),
        receiver: await round(receiver.url, deliveries),
      })
    }
    receiver.process.kill('SIGKILL')
    await once(receiver.process, 'close')
    const acknowledged = WARM_UP + rounds.reduce((sum, each) => sum + each.receiver.accepted, 0)
    return await summary(rounds, acknowledged, join(folder, 'ledger.db'))
  } finally {
    bare.process.kill('SIGKILL')
    receiver.process.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function summary(
  rounds: readonly { bare: Round; receiver: Round }[],
  acknowledged: number,
  file: string,
) {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const stored = reader.connection
    .prepare<[], number>('SELECT count(*) FROM deliveries WHERE source = ?')
    .pluck()
  const found = (stored as unknown as { get: (source: string) => number }).get('webhook:genesys')
  const { ok } = await verifyLedger(reader.connection)
  await reader.close()
  const bareRps = median(rounds.map((each) => each.bare.rps))
  const receiverRps = median(rounds.map((each) => each.receiver.rps))
  return {
    bench: 'ingest',
    bare_express_rps: Math.round(bareRps),
    receiver_es256_durable_rps: Math.round(receiverRps),
    ratio: Number((receiverRps / bareRps).toFixed(3)),
    bare_p99_ms: median(rounds.map((each) => each.bare.p99Ms)),
    receiver_p99_ms: median(rounds.map((each) => each.receiver.p99Ms)),
    durability: {
      synchronous: 'FULL',
      acknowledged,
      found_after_kill_9: found,
      proven: found >= acknowledged && ok,
    },
    machine: { cores: cpus().length, node: process.version },
  }
}

/** Sends each delivery once, spread over the connections. */
async function round(url: string, deliveries: readonly SignedDelivery[]): Promise<Round> {
  let next = 0
  const share = deliveries.length / CONNECTIONS
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    amount: deliveries.length,
    setupClient: (client) => {
      const mine = deliveries.slice(next, (next += share))
      client.setRequests(
        mine.map(({ body, signature }) => ({
          method: 'POST',
          path: '/webhooks/genesys',
          headers: { 'content-type': 'application/json', 'x-genesys-signature': signature },
          body,
        })),
      )
    },
  })
  const accepted = result['2xx']
  if (accepted !== deliveries.length)
    throw new Error(`${accepted} of ${deliveries.length} deliveries were accepted`)
  return { rps: accepted / result.duration, p99Ms: result.latency.p99, accepted }
}

interface Peer {
  readonly process: ChildProcess
  readonly url: string
}

async function startBare(): Promise<Peer> {
  const script = fileURLToPath(new URL('./bare-express.js', import.meta.url))
  const process_ = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  return { process: process_, url: await urlFrom(process_) }
}

/** The program as it is served, logging included; only Genesys Cloud is never called. */
async function startReceiver(folder: string): Promise<Peer> {
  const bin = join(packageRoot(), 'bin', 'filter-ledger.js')
  const env = {
    PATH: process.env['PATH'],
    FILTER_LEDGER_DATA: folder,
    FILTER_LEDGER_PORT: '0',
    FILTER_LEDGER_WEBHOOK_JWKS: join(folder, 'jwks.json'),
    FILTER_LEDGER_PUBLIC_URL: 'https://receiver.example',
    GENESYSCLOUD_OAUTHCLIENT_ID: 'bench',
    GENESYSCLOUD_OAUTHCLIENT_SECRET: 'bench',
  }
  const process_ = spawn(process.execPath, [bin, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  return { process: process_, url: await urlFrom(process_) }
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}
