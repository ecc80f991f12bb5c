import { join } from 'node:path'
import { DEFAULT_REQUESTS_PER_MINUTE, MAX_REQUESTS_PER_MINUTE } from '../actions/genesys/rate-limiter.ts'
import { DEFAULT_OPEN_ROUTES, OPEN_ROUTES } from '../receiver/open-routes.ts'
import { DEFAULT_BODY_LIMIT } from '../receiver/http/read-body.ts'
import type { OpenRoute } from '../receiver/open-routes.ts'
import { alarmSettings } from './alarm/alarm-settings.ts'
import type { AlarmConfig } from './alarm/alarm-settings.ts'
import type { CheckpointKeySource } from './checkpoint-key.ts'
import { EnvReader } from './env-reader.ts'
import type { Env } from './env-reader.ts'
import { genesysUrl } from './genesys-url.ts'
import { otlpSettings } from './otlp-settings.ts'
import type { OtlpConfig } from './otlp-settings.ts'
import type { Setting } from './settings.ts'
import { requireSubscribed, webhookSettings } from './webhook-settings.ts'
import type { WebhookConfig } from './webhook-settings.ts'
import type { SourceConfig } from './webhook-sources/source-config.ts'

/** How Genesys Cloud is reached. */
export interface GenesysConfig {
  readonly clientId: string
  readonly clientSecret: string
  /** API root, e.g. `https://api.mypurecloud.com`, or the gateway's. */
  readonly baseUrl: URL
  /** True when login and API are behind one host (a gateway, the sandbox). */
  readonly gateway: boolean
}

/** Files and folders of an installation. */
export interface DataPaths {
  readonly database: string
  readonly keysFolder: string
  /** The newest checkpoint, kept outside of the ledger: every writer holds the ledger against it. */
  readonly checkpointFile: string | undefined
}

/** Who cosigns checkpoints, and how many have to before one is published. */
export interface WitnessConfig {
  /** The file that names the witnesses. */
  readonly witnessFile: string | undefined
  readonly witnessQuorum: number
}

/** What a receiver and its pipeline run with. */
export interface Config extends DataPaths, WitnessConfig, WebhookConfig, AlarmConfig {
  readonly host: string
  readonly port: number
  readonly openRoutes: readonly OpenRoute[]
  readonly environment: string
  readonly organizationId: string | undefined
  readonly logLevel: LogLevel
  readonly bodyLimit: number
  /** Seconds that a token of the token endpoint is good for. */
  readonly tokenLifetimeS: number
  readonly drainGraceMs: number
  readonly subscriptionMode: SubscriptionMode
  readonly deadlineMs: number
  /** How long a flow waits for the outcome of a change. Milliseconds. */
  readonly answerWithinMs: number
  /** 0: never. */
  readonly reconcileMinutes: number
  /** Entries that may wait for a commit. */
  readonly maxQueue: number
  /** Requests to Genesys Cloud in any 60 seconds. */
  readonly requestsPerMinute: number
  readonly filtersPath: string | undefined
  readonly subscriptionsPath: string | undefined
  /** Where metrics are sent to; undefined: they are only scraped. */
  readonly otlp: OtlpConfig | undefined
}

/** What the sandbox supplies when it is embedded, and the environment must otherwise. */
export interface RemoteConfig {
  readonly publicUrl: URL
  /** Senders beside those of the configuration. */
  readonly sources: readonly SourceConfig[]
  readonly genesys: GenesysConfig
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
type LogLevel = (typeof LOG_LEVELS)[number]
const SUBSCRIPTION_MODES = ['shared', 'per-filter'] as const
export type SubscriptionMode = (typeof SUBSCRIPTION_MODES)[number]

/** Settings that only a live organization needs; an embedded sandbox brings its own. */
const REMOTE_SETTINGS = ['FILTER_LEDGER_PUBLIC_URL', 'FILTER_LEDGER_WEBHOOK_JWKS'] as const

type FullConfig = Config & { readonly remote: RemoteConfig | undefined }
/** A week: timers of the event loop go no further than 24 days. */
const MAX_RECONCILE_MINUTES = 10_080

/** Settings of the receiver itself. @throws CliError that names every problem at once */
export function readConfig(env: Env, remote: 'sandbox' | 'live'): FullConfig {
  const reader = new EnvReader(env)
  const config = allSettings(reader, remote)
  reader.finish()
  return config
}

/** The same for a live receiver, with the problems beside it: what is wrong stands in `config` as its default. */
export function surveyConfig(env: Env): {
  readonly config: FullConfig
  readonly problems: readonly string[]
} {
  const reader = new EnvReader(env)
  return { config: allSettings(reader, 'live'), problems: reader.problems }
}

function allSettings(reader: EnvReader, remote: 'sandbox' | 'live'): FullConfig {
  reader.refuseUnknown()
  const config = {
    ...receiverSettings(reader),
    ...pipelineSettings(reader),
    ...webhookSettings(reader),
    otlp: otlpSettings(reader),
    ...alarmSettings(reader),
  }
  if (remote === 'sandbox') {
    for (const name of REMOTE_SETTINGS) {
      if (reader.text(name) !== undefined)
        reader.problems.push(`${name} cannot be set together with --sandbox`)
    }
  }
  requireSubscribed(reader, config, remote)
  const live = remote === 'live' ? remoteSettings(reader) : undefined
  return { ...config, remote: live }
}

/** Where an installation keeps what is its own: all that a command without a receiver needs. */
export function dataPaths(env: Env): DataPaths {
  const data = env['FILTER_LEDGER_DATA'] || 'data'
  return {
    database: env['FILTER_LEDGER_DB'] || join(data, 'ledger.db'),
    keysFolder: env['FILTER_LEDGER_KEYS'] || join(data, 'keys'),
    checkpointFile: env['FILTER_LEDGER_CHECKPOINT_FILE']?.trim() || undefined,
  }
}

/** The witnesses, for a command that needs no other setting. @throws CliError */
export function witnessConfig(env: Env): WitnessConfig {
  const reader = new EnvReader(env)
  const config = witnessSettings(reader)
  reader.finish()
  return config
}

/** How Genesys Cloud is reached, for a command that needs nothing else. @throws CliError */
export function genesysConfig(env: Env): GenesysConfig & Pick<Config, 'requestsPerMinute'> {
  const reader = new EnvReader(env)
  const config = { ...genesysSettings(reader), requestsPerMinute: requestsPerMinute(reader) }
  reader.finish()
  return config
}

/** What the environment says about the checkpoint key, for every command that loads or makes one. */
export function checkpointKeySource(env: Env): CheckpointKeySource {
  return {
    key: env['FILTER_LEDGER_CHECKPOINT_KEY']?.trim() || undefined,
    origin: env['FILTER_LEDGER_ORIGIN']?.trim() || undefined,
  }
}

function receiverSettings(reader: EnvReader) {
  return {
    ...dataPaths(reader.env),
    host: reader.text('FILTER_LEDGER_HOST') ?? '127.0.0.1',
    port: reader.wholeNumber('FILTER_LEDGER_PORT', 8080, 0, 65_535),
    openRoutes: openRoutes(reader),
    ...witnessSettings(reader),
    environment: reader.text('FILTER_LEDGER_ENVIRONMENT') ?? 'production',
    organizationId: reader.text('FILTER_LEDGER_ORGANIZATION_ID'),
    logLevel: reader.oneOf('FILTER_LEDGER_LOG_LEVEL', LOG_LEVELS, 'info'),
    bodyLimit: reader.wholeNumber('FILTER_LEDGER_BODY_LIMIT', DEFAULT_BODY_LIMIT, 1024, 10_485_760),
    tokenLifetimeS: 60 * reader.wholeNumber('FILTER_LEDGER_TOKEN_MINUTES', 15, 1, 1440),
    drainGraceMs: reader.wholeNumber('FILTER_LEDGER_DRAIN_MS', 10_000, 0, 600_000),
    maxQueue: reader.wholeNumber('FILTER_LEDGER_QUEUE', 8192, 1, 1_000_000),
  }
}

function witnessSettings(reader: EnvReader): WitnessConfig {
  return {
    witnessFile: reader.text('FILTER_LEDGER_WITNESSES'),
    witnessQuorum: reader.wholeNumber('FILTER_LEDGER_WITNESS_QUORUM', 0, 0, 20),
  }
}

function pipelineSettings(reader: EnvReader) {
  return {
    subscriptionMode: reader.oneOf('FILTER_LEDGER_SUBSCRIPTION', SUBSCRIPTION_MODES, 'shared'),
    deadlineMs: reader.wholeNumber('FILTER_LEDGER_DEADLINE_MS', 25_000, 1000, 55_000),
    answerWithinMs: reader.wholeNumber('FILTER_LEDGER_ANSWER_WITHIN_MS', 700, 0, 50_000),
    requestsPerMinute: requestsPerMinute(reader),
    reconcileMinutes: reader.wholeNumber('FILTER_LEDGER_RECONCILE_MINUTES', 60, 0, MAX_RECONCILE_MINUTES),
    filtersPath: apiPath(reader, 'FILTER_LEDGER_FILTERS_PATH'),
    subscriptionsPath: apiPath(reader, 'FILTER_LEDGER_SUBSCRIPTIONS_PATH'),
  }
}

function remoteSettings(reader: EnvReader): RemoteConfig {
  const publicUrl = reader.required(['FILTER_LEDGER_PUBLIC_URL'])
  return {
    publicUrl: reader.url('FILTER_LEDGER_PUBLIC_URL', publicUrl),
    sources: [],
    genesys: genesysSettings(reader),
  }
}

function genesysSettings(reader: EnvReader): GenesysConfig {
  return {
    clientId: reader.required(['GENESYSCLOUD_OAUTHCLIENT_ID', 'GENESYS_CLIENT_ID']),
    clientSecret: reader.required(['GENESYSCLOUD_OAUTHCLIENT_SECRET', 'GENESYS_CLIENT_SECRET']),
    ...genesysUrl(reader),
  }
}

function requestsPerMinute(reader: EnvReader): number {
  const [name, fallback] = ['FILTER_LEDGER_REQUESTS_PER_MINUTE', DEFAULT_REQUESTS_PER_MINUTE] as const
  return reader.wholeNumber(name, fallback, 1, MAX_REQUESTS_PER_MINUTE)
}

function openRoutes(reader: EnvReader): readonly OpenRoute[] {
  const text = reader.text('FILTER_LEDGER_OPEN')
  if (text === undefined) return DEFAULT_OPEN_ROUTES
  if (text === 'none') return []
  const names = text.split(',').map((name) => name.trim())
  const known = OPEN_ROUTES.filter((route) => names.includes(route))
  if (known.length !== names.length) {
    reader.problems.push(
      `FILTER_LEDGER_OPEN must be none, or a comma-separated list of ${OPEN_ROUTES.join(', ')}`,
    )
  }
  return known
}

function apiPath(reader: EnvReader, name: Setting): string | undefined {
  const path = reader.text(name)
  if (path !== undefined && !/^(\/[A-Za-z0-9._~-]+)+$/.test(path))
    reader.problems.push(`${name} must be a path such as /api/v2/x`)
  return path
}
