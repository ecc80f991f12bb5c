import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair, FlattenedSign } from 'jose'
import { pino } from 'pino'
import { toDeployInput } from '../../actions/data-actions/deploy-filter.ts'
import type { PlannedFilter } from '../../actions/filter/filter-spec.ts'
import { genesysClient } from '../../actions/genesys/genesys-client.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import type { FilterNumbers, MetricsSummary } from '../../ledger/metrics/metrics-summary.ts'
import { verifyLedger } from '../../ledger/verify/verify-ledger.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { issueAccessToken } from '../../receiver/auth/access-token.ts'
import { startSandbox } from '../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import { readConfig } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { initKeys, loadKeys } from '../keys-folder.ts'
import { packageRoot, readManifest } from '../manifest.ts'
import { sandboxRemote } from '../sandbox-remote.ts'
import { table } from '../output.ts'
import { startReceiver } from '../start-receiver.ts'
import { auditExport } from './audit-export.ts'
import type { Check } from './audit-export.ts'
import { receiverClient } from './receiver-client.ts'
import type { ReceiverClient } from './receiver-client.ts'

export interface DemoOptions {
  /** Where ledger, keys and the export go. */
  readonly folder: string
  readonly say: (line: string) => void
}

/** What the demo found true. */
export interface DemoFacts {
  readonly entries: number
  readonly root: string
  readonly metrics: MetricsSummary
  readonly checks: readonly string[]
}

const BLOCKS = 320
const REVIEWED = 300
const FALSE_POSITIVES = 2
const EVENT_WAIT_MS = 10_000

/**
 * The main job on loopback: a data action deploys a filter, signed webhooks arrive, blocks and verdicts are
 * recorded, metrics computed, the ledger exported and verified, a forgery refused.
 *
 * @throws CliError at the first thing that is not as it should be
 */
export async function runDemo({ folder, say }: DemoOptions): Promise<DemoFacts> {
  const checks: string[] = []
  const check = (holds: boolean, what: string): void => {
    if (!holds) throw new CliError(EXIT.no, `the demo failed: it is not true that ${what}`)
    checks.push(what)
    say(`  ok  ${what}`)
  }
  const sandbox = await startSandbox()
  try {
    const { receiver, client, signer } = await startHouse(folder, sandbox)
    try {
      say('\nA flow deploys the sample filter through the data action')
      const guard = await deploySample(client, check)
      say('\nA second filter is updated and deleted by an administrator in Genesys Cloud')
      await changeSecondFilter(client, sandbox, check)
      say('\nThe filter blocks, reviewers judge')
      await recordBlocks(client, guard, check)
      say('\nSomebody forges a webhook')
      await forge(client, sandbox, check)
      const metrics = await client.metrics()
      say(`\nThe numbers\n${metricsTable(metrics)}`)
      check(
        metrics.filters.some(({ filter_id: id, verdict }) => id === guard && verdict === 'within'),
        'the filter is shown to be within its tolerance',
      )
      say('\nAn auditor exports the ledger, and verifies the folder with the one file that travels in it')
      const size = await client.size()
      await auditExport({ folder: join(folder, 'export'), receiver: client.access, signer, size }, check)
      await receiver.stop()
      const report = await verifyFile(join(folder, 'ledger.db'))
      check(
        report.ok && report.size > size,
        `the ledger verifies: ${report.size} entries with the export's own, root ${report.root.slice(0, 16)}…`,
      )
      return { entries: report.size, root: report.root, metrics, checks }
    } finally {
      await receiver.stop()
    }
  } finally {
    await sandbox.close()
  }
}

async function startHouse(folder: string, sandbox: Sandbox) {
  const manifest = readManifest()
  const keysFolder = join(folder, 'keys')
  await initKeys(keysFolder)
  const keys = await loadKeys(keysFolder)
  const settings = {
    FILTER_LEDGER_DATA: folder,
    FILTER_LEDGER_PORT: '0',
    FILTER_LEDGER_ENVIRONMENT: 'demo',
    FILTER_LEDGER_DRAIN_MS: '2000',
  }
  const config = readConfig(settings, 'sandbox')
  const receiver = await startReceiver({
    config,
    remote: (url) => sandboxRemote(sandbox, url, config),
    keys,
    manifest,
    log: pino({ level: 'silent' }),
  })
  const scopes = Object.keys(manifest.scopes)
  const token = await issueAccessToken(keys.tokenKey, {
    subject: 'demo',
    scopes,
    lifetimeS: 600,
    tokenId: randomUUID(),
    now: new Date(),
  })
  return { receiver, client: receiverClient(receiver.url, token), signer: keys.signer.key }
}

async function deploySample(client: ReceiverClient, check: Check): Promise<string> {
  const sample = JSON.parse(
    readFileSync(join(packageRoot(), 'examples', 'production-toxicity-guard.json'), 'utf8'),
  ) as object
  const refused = await client.deploy({ ...toDeployInput(sample), priority: 0 })
  check(
    refused.status === 'rejected' && refused.message.includes('"auto"'),
    'priority 0 is refused, with a message that names "auto"',
  )
  const deployed = await client.deploy({ ...toDeployInput(sample), requestId: 'demo-1', reason: 'demo' })
  check(
    deployed.status === 'registered',
    `production-toxicity-guard is registered with priority ${deployed.priority} in ${deployed.latencyMs} ms`,
  )
  const again = await client.deploy({ ...toDeployInput(sample), requestId: 'demo-1', reason: 'demo' })
  check(
    again.duplicate && again.filterId === deployed.filterId,
    'the same request, sent twice, was carried out once',
  )
  const arrived = await waitFor(
    client,
    ({ filter_id: id, events }) => id === deployed.filterId && events.created === 1,
  )
  check(arrived, 'its signed `created` webhook was verified and stored')
  return deployed.filterId
}

async function changeSecondFilter(client: ReceiverClient, sandbox: Sandbox, check: Check): Promise<void> {
  const { filtersPath, subscriptionsPath } = readManifest().genesys
  const { clientId, clientSecret, url } = sandbox
  const admin = genesysClient({
    clientId,
    clientSecret,
    baseUrl: new URL(url),
    gateway: true,
    fetch,
    now: () => new Date(),
    filtersPath,
    subscriptionsPath,
  })
  const input = {
    name: 'phishing-watch',
    contentCategories: 'phishing',
    blockAction: 'flag_and_pass',
    thresholds: 'phishing=0.7',
    falsePositiveTolerance: 0.1,
  }
  const { filterId, priority } = await client.deploy(input)
  const filter: PlannedFilter = {
    name: 'phishing-watch',
    filter_type: 'safety',
    enabled: true,
    priority,
    config: {
      content_categories: ['phishing'],
      block_action: 'flag_and_pass',
      thresholds: { phishing: 0.75 },
      false_positive_tolerance: 0.1,
    },
  }
  await admin.updateFilter(filterId, filter, { timeoutMs: 5000 })
  await admin.deleteFilter(filterId, { timeoutMs: 5000 })
  const gone = await waitFor(
    client,
    ({ filter_id: id, events, state }) =>
      id === filterId && events.updated === 1 && events.deleted === 1 && state === 'deleted',
  )
  check(gone, 'its signed `updated` and `deleted` webhooks were verified and stored')
}

async function recordBlocks(client: ReceiverClient, filterId: string, check: Check): Promise<void> {
  const blocks = await inBatches(BLOCKS, (i) =>
    client.recordBlock({
      filterId,
      category: (['hate_speech', 'violence', 'pii'] as const)[i % 3],
      score: 0.8 + (i % 20) / 100,
      threshold: 0.8,
      actionTaken: 'blocked',
      direction: i % 2 === 0 ? 'input' : 'output',
      channel: 'webmessaging',
      conversationId: `conversation-${i}`,
      requestId: `block-${i}`,
    }),
  )
  check(
    blocks.every(({ status }) => status === 'recorded'),
    `${BLOCKS} blocks are recorded`,
  )
  const verdicts = await inBatches(REVIEWED, (i) =>
    client.reportVerdict({
      blockId: blocks[i]?.entryId,
      verdict: i < FALSE_POSITIVES ? 'false_positive' : 'true_positive',
      reviewerId: 'reviewer-1',
    }),
  )
  check(
    verdicts.every(({ status }) => status === 'recorded'),
    `${REVIEWED} verdicts are recorded, ${FALSE_POSITIVES} of them false positives`,
  )
}

async function forge(client: ReceiverClient, sandbox: Sandbox, check: Check): Promise<void> {
  const before = await client.size()
  const body = Buffer.from(
    JSON.stringify({
      id: randomUUID(),
      event_type: 'ai:llm-gateway:filter:deleted',
      timestamp: new Date().toISOString(),
    }),
  )
  const genuine = await sandbox.signDelivery(body)
  const header = JSON.parse(Buffer.from(genuine.split('.')[0] ?? '', 'base64url').toString('utf8')) as {
    alg: string
    kid: string
    iat: number
  }
  const { privateKey } = await generateKeyPair('ES256')
  const { protected: head, signature } = await new FlattenedSign(body)
    .setProtectedHeader(header)
    .sign(privateKey)
  const statuses = [
    await client.sendWebhook(body, `${head ?? ''}..${signature}`),
    await client.sendWebhook(Buffer.concat([body, Buffer.from(' ')]), genuine),
    await client.sendWebhook(body, undefined),
  ]
  check(statuses.join() === '401,401,400', "another's key, a changed body and no signature are refused")
  check((await client.size()) === before, 'nothing of them was stored')
}

/** A few at a time, as flows would; the results in order. */
async function inBatches<T>(count: number, call: (i: number) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = []
  for (let start = 0; start < count; start += 32) {
    const size = Math.min(32, count - start)
    results.push(...(await Promise.all(Array.from({ length: size }, (_, i) => call(start + i)))))
  }
  return results
}

async function waitFor(client: ReceiverClient, seen: (filter: FilterNumbers) => boolean): Promise<boolean> {
  const end = Date.now() + EVENT_WAIT_MS
  while (Date.now() < end) {
    if ((await client.metrics()).filters.some(seen)) return true
    await sleep(25)
  }
  return false
}

function metricsTable({ filters, ...summary }: MetricsSummary): string {
  const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(2)}%`)
  const rows = filters.map((filter) => {
    const { false_discovery_proportion: fdp } = filter
    const interval = fdp === null ? '-' : `${percent(fdp.low)} to ${percent(fdp.high)}`
    return [
      filter.name ?? filter.filter_id,
      filter.state,
      String(filter.total_blocks),
      String(filter.reviewed),
      String(filter.false_positives),
      percent(fdp?.value ?? null),
      interval,
      percent(filter.tolerance),
      filter.verdict,
    ]
  })
  const head = [
    'filter',
    'state',
    'blocks',
    'reviewed',
    'wrong',
    'share wrong',
    '95 % interval',
    'tolerance',
    'verdict',
  ]
  const totals = [
    ['avg_registration_latency_ms', summary.avg_registration_latency_ms?.toFixed(1) ?? '-'],
    ['registration_success_rate', percent(summary.registration_success_rate)],
    ['total_blocks', String(summary.total_blocks)],
    ['false_positive_rate', percent(summary.false_positive_rate)],
  ]
  return `${table([head, ...rows])}\n\n${table(totals)}`
}

async function verifyFile(file: string) {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    return await verifyLedger(reader.connection)
  } finally {
    await reader.close()
  }
}
