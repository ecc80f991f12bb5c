import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import { changesUnderWay } from '../actions/data-actions/under-way.ts'
import type { ChangesUnderWay } from '../actions/data-actions/under-way.ts'
import { operationHandlers } from '../actions/pipeline/operation-handlers.ts'
import { pipelineOperations } from '../actions/pipeline/operations.ts'
import type { PipelineOperations } from '../actions/pipeline/operations.ts'
import { resumeDeployments } from '../actions/pipeline/resume.ts'
import type { LedgerHealth } from '../ledger/store/open-ledger.ts'
import { createApp } from '../receiver/app.ts'
import { issueAccessToken } from '../receiver/auth/access-token.ts'
import { openApi } from '../bundle/build/openapi.ts'
import { hashSecret } from '../receiver/oauth/client-secret.ts'
import type { OperationRoute } from '../receiver/operation-handler.ts'
import { addressSet } from '../receiver/http/address-set.ts'
import { listen } from '../receiver/http/listen.ts'
import { startMetricsExport } from '../receiver/otlp/export-metrics.ts'
import type { MetricsExport } from '../receiver/otlp/export-metrics.ts'
import { receiverMetrics } from '../receiver/prometheus.ts'
import type { ReceiverMetrics } from '../receiver/prometheus.ts'
import { followClients } from './clients/follow-clients.ts'
import type { Config, RemoteConfig } from './config.ts'
import type { Keys } from './keys-folder.ts'
import { followCheckpoints } from './known-checkpoint.ts'
import type { Manifest } from './manifest.ts'
import { startAlarms } from './alarm/start-alarms.ts'
import type { AlarmWatch } from './alarm/watch-alarms.ts'
import { actionRoutes } from './action-routes.ts'
import { actionSources } from './bundle/action-sources.ts'
import { openPipeline, openVault } from './open-house.ts'
import type { Vault } from './open-house.ts'
import { openWitnesses } from './open-witnesses.ts'
import { startSchedule, systemTimer } from './reconcile/schedule.ts'
import type { Schedule, StartTimer } from './reconcile/schedule.ts'
import { countedReconcile, scheduledRun } from './reconcile/scheduled-run.ts'
import { ledgerReviews } from './reviews/ledger-reviews.ts'
import { openSources } from './webhook-sources/open-sources.ts'

export interface ReceiverParts {
  readonly config: Config
  /** Given its own address, which a sandbox has to be told and a free port makes known only now. */
  readonly remote: (url: string) => RemoteConfig
  readonly keys: Keys
  readonly manifest: Manifest
  readonly log: Logger
  /** Times what is done again and again. Default: the event loop's. */
  readonly startTimer?: StartTimer
}

export interface RunningReceiver {
  readonly url: string
  readonly vault: Vault
  /** Takes no new request, answers those under way, commits what waits, closes the ledger. */
  readonly stop: () => Promise<void>
}

/** Built: a thread runs no TypeScript. */
const WRITER_THREAD = new URL('../ledger/store/writer-thread.js', import.meta.url)

/** The composition root: opens the vault, hangs both doors, listens. @throws LedgerError, CliError */
export async function startReceiver({
  config,
  remote,
  keys,
  manifest,
  log,
  startTimer = systemTimer,
}: ReceiverParts): Promise<RunningReceiver> {
  const now = (): Date => new Date()
  const findClient = followClients(config.keysFolder, log)
  const vault = await openVault(config, keys.signer, now, WRITER_THREAD)
  const { ledger, filterStates, records } = vault
  let draining = false
  let reconciling: Schedule | undefined
  let exporting: MetricsExport | undefined
  let alarms: AlarmWatch | undefined
  let underWay: ChangesUnderWay | undefined
  const file = config.checkpointFile
  const outside = file === undefined ? undefined : followCheckpoints(ledger, file, log)
  try {
    const metrics = receiverMetrics({
      size: ledger.reader.size,
      depth: ledger.depth,
      oldestWaitMs: ledger.oldestWaitMs,
      writable: () => ledger.health().writable,
      metrics: vault.metrics,
      drifts: records.drifts,
    })
    const cosigner = await openWitnesses(ledger, config, { log, countAnswer: metrics.countWitnessAnswer })
    // The port is bound first: who embeds a sandbox learns the address from it. Until the app is there, nothing answers.
    const trustedProxies = config.trustedProxies.length > 0 ? addressSet(config.trustedProxies) : undefined
    const { host, port, bodyLimit } = config
    const door = await listen({
      host,
      port,
      bodyLimit,
      trustedProxies,
      onRefused: metrics.countRefusedConnection,
    })
    try {
      const live = remote(door.url)
      const sources = await openSources([...config.sources, ...live.sources], {
        events: manifest.webhook.events,
        signatureHeader: manifest.webhook.signatureHeader,
        metrics: metrics.edge,
        env: process.env,
        now,
        log,
      })
      const { pipeline, deps } = await openPipeline(config, live, vault, manifest)
      const asked = pipelineOperations(deps, pipeline, now)
      const operations = { ...asked, reconcile: countedReconcile(asked.reconcile, metrics.drift, now) }
      underWay = changesUnderWay({
        journal: vault.journal,
        newId: deps.newId,
        patience: () => setTimeout(config.answerWithinMs, undefined, { ref: false }),
        onFailure: (deploymentId, error) => {
          const reason = error instanceof Error ? error.message : String(error)
          log.error({ deploymentId, reason }, 'a change that was accepted could not be recorded')
        },
      })
      const app = createApp({
        append: ledger.append,
        reader: ledger.reader,
        log: ledger.log,
        open: config.openRoutes,
        published: cosigner.published,
        numbers: vault.metrics,
        filterStates,
        metrics,
        sources,
        limits: config.limits,
        trustedProxies,
        actions: actionRoutes(manifest, {
          vault,
          pipeline,
          operations,
          known: deps,
          underWay,
          referenceKey: keys.referenceKey,
          now,
        }),
        operations: operationRoutes(operations),
        reviews: ledgerReviews(ledger, now),
        tokenKey: keys.tokenKey,
        openApi: openApi(actionSources(manifest), {
          version: manifest.version,
          baseUrl: live.publicUrl.href.replace(/\/+$/, ''),
        }),
        oauth: {
          findClient,
          hashSecret,
          issue: (options) => issueAccessToken(keys.tokenKey, options),
          lifetimeS: config.tokenLifetimeS,
          clockMs: () => performance.now(),
        },
        isReady: () => !draining && ledger.health().writable,
        isAlive: () => !isLost(ledger.health()),
        bodyLimit: config.bodyLimit,
        logger: log,
        now,
      })
      door.serve(app)
      exporting = sendMetrics({ config, manifest, log, startTimer }, metrics, now)
      void resume(log, () => resumeDeployments(deps, pipeline))
      alarms = startAlarms({ config, ledger, deps, pipeline, log, startTimer })
      if (config.reconcileMinutes > 0) {
        const intervalMs = config.reconcileMinutes * 60_000
        const run = (): Promise<void> => scheduledRun(operations.reconcile, log)
        reconciling = startSchedule({ intervalMs, run, startTimer, random: Math.random })
      }
    } catch (error) {
      await door.drain(0)
      throw error
    }
    return {
      url: door.url,
      vault,
      stop: async () => {
        draining = true
        cosigner.stop()
        const grace = config.drainGraceMs
        await Promise.all([door.drain(grace), reconciling?.stop(grace), alarms?.stop(grace)])
        // Each ends within its deadline, and what was accepted is recorded.
        await underWay?.settled()
        await exporting?.stop(LAST_EXPORT_MS)
        await ledger.close()
        outside?.flush()
      },
    }
  } catch (error) {
    await ledger.close()
    throw error
  }
}

/** What a stop waits for metrics at most. */
const LAST_EXPORT_MS = 2000

function sendMetrics(
  { config, manifest, log, startTimer = systemTimer }: Omit<ReceiverParts, 'remote' | 'keys'>,
  { families, countExport }: ReceiverMetrics,
  now: () => Date,
): MetricsExport | undefined {
  const { otlp, environment } = config
  if (!otlp) return undefined
  const { intervalMs, ...target } = otlp
  log.info({ endpoint: target.url.origin, seconds: intervalMs / 1000 }, 'metrics are sent by OTLP')
  const resource = { version: manifest.version, instanceId: randomUUID(), environment, startedAt: now() }
  return startMetricsExport({
    target,
    resource,
    intervalMs,
    families,
    countExport,
    log,
    fetch,
    now,
    startTimer,
  })
}

function isLost(health: LedgerHealth): boolean {
  return !health.writable && health.lost
}

/** What a crash left open is settled beside serving: Genesys being down must not keep the receiver down. */
async function resume(log: Logger, settle: () => ReturnType<typeof resumeDeployments>): Promise<void> {
  try {
    for (const { deploymentId, filterName, result } of await settle()) {
      log.warn({ deploymentId, filterName, result }, 'settled a deployment that a stop had left open')
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    log.error({ reason }, 'open deployments could not be settled; run `filter-ledger resume` later')
  }
}

/** What reads and what writes have a scope each. */
function operationRoutes(operations: PipelineOperations): readonly OperationRoute[] {
  return Object.entries(operationHandlers(operations)).map(([name, handle]) => ({
    name,
    scope: name === 'plan' ? 'pipeline:read' : 'pipeline:write',
    handle,
  }))
}
