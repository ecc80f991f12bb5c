import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { verifyLedger } from '../../ledger/verify/verify-ledger.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { floodWithForged } from './forged-flood.ts'
import { median, sendRound } from './load.ts'
import type { Round } from './load.ts'
import { startBare, startOctokit, startReceiver } from './servers.ts'
import type { Server } from './servers.ts'
import { createSender } from './signed-deliveries.ts'
import type { Sender } from './signed-deliveries.ts'

const ROUNDS = 3
const DELIVERIES_A_ROUND = 12_800
/** Not counted in the ratio: compilers and caches get warm. A multiple of the connections, as above. */
const WARM_UP = 1920

/** What one round sends: the bare route and the peer get the same as the receiver, of either kind. */
interface Rounds {
  readonly bare: Round[]
  readonly octokit: Round[]
  readonly es256: Round[]
  readonly hmac: Round[]
}

/**
 * Durable ingest against a bare Express route, in turns, each in a process of its own, the load in this one. Then a
 * flood of forged deliveries. Afterwards the receiver is killed with -9: every delivery that it answered with 202
 * must be in the ledger, which proves that the 202 came after the commit.
 */
export async function benchIngest(args: readonly string[]): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'filter-ledger-bench-'))
  const sender = createSender()
  const servers = await Promise.all([startBare(), startOctokit(sender), startReceiver(folder, sender)])
  const [bare, octokit, receiver] = servers
  try {
    const rounds: Rounds = { bare: [], octokit: [], es256: [], hmac: [] }
    const warm = await oneRound(WARM_UP, sender, bare, octokit, receiver)
    for (let i = 0; i < ROUNDS; i++) {
      const round = await oneRound(DELIVERIES_A_ROUND, sender, bare, octokit, receiver)
      for (const kind of ['bare', 'octokit', 'es256', 'hmac'] as const) rounds[kind].push(round[kind])
    }
    const floods = args.includes('--no-flood') ? {} : await floodBoth(receiver, sender)
    receiver.process.kill('SIGKILL')
    await once(receiver.process, 'close')
    const acknowledged =
      warm.es256.accepted +
      warm.hmac.accepted +
      [...rounds.es256, ...rounds.hmac].reduce((sum, { accepted }) => sum + accepted, 0)
    return {
      bench: 'ingest',
      ...figures(rounds),
      ...floods,
      durability: await durability(join(folder, 'ledger.db'), acknowledged),
      machine: { cores: cpus().length, node: process.version },
    }
  } finally {
    for (const { process: child } of servers) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function oneRound(count: number, sender: Sender, bare: Server, octokit: Server, receiver: Server) {
  const es256 = sender.es256(count)
  const hmac = sender.hmac(count)
  return {
    bare: await sendRound(bare.url, es256),
    es256: await sendRound(receiver.url, es256),
    octokit: await sendRound(octokit.url, hmac),
    hmac: await sendRound(receiver.url, hmac),
  }
}

function figures(rounds: Rounds) {
  const rps = (kind: keyof Rounds): number => median(rounds[kind].map((round) => round.rps))
  const p99 = (kind: keyof Rounds): number => median(rounds[kind].map((round) => round.p99Ms))
  const of = (kind: keyof Rounds) => ({
    rps: Math.round(rps(kind)),
    p99_ms: p99(kind),
    ratio: Number((rps(kind) / rps('bare')).toFixed(3)),
    p99_ratio: Number((p99(kind) / p99('bare')).toFixed(2)),
  })
  return {
    bare_express: { rps: Math.round(rps('bare')), p99_ms: p99('bare') },
    octokit_verify_only: of('octokit'),
    receiver_es256_durable: of('es256'),
    receiver_hmac_durable: of('hmac'),
  }
}

async function floodBoth(receiver: Server, sender: Sender) {
  const anAddress = (i: number): string => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`
  return {
    flood_from_one_address: await floodWithForged(receiver, sender, { addressOf: () => '203.0.113.1' }),
    flood_from_many_addresses: await floodWithForged(receiver, sender, { addressOf: anAddress }),
  }
}

async function durability(file: string, acknowledged: number) {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const found = reader.connection
    .prepare<[], number>("SELECT count(*) FROM deliveries WHERE source LIKE 'webhook:%'")
    .pluck()
    .get()
  const { ok } = await verifyLedger(reader.connection)
  await reader.close()
  return {
    synchronous: 'FULL',
    acknowledged,
    found_after_kill_9: found,
    proven: (found ?? 0) >= acknowledged && ok,
  }
}
