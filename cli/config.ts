import { join } from 'node:path'
import { DEFAULT_OPEN_ROUTES, OPEN_ROUTES } from '../receiver/open-routes.ts'
import type { OpenRoute } from '../receiver/open-routes.ts'
import { ALGORITHMS } from '../receiver/webhook/verify-delivery.ts'
import type { Algorithm } from '../receiver/webhook/verify-delivery.ts'
import type { CheckpointKeySource } from './checkpoint-key.ts'
import { CliError, EXIT } from './exit.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Where a sender's keys come from. */
export type KeySource =
  { readonly kind: 'url'; readonly url: URL } | { readonly kind: 'file'; readonly path: string }

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
export interface Config extends DataPaths, WitnessConfig {
  readonly host: string
  readonly port: number
  readonly openRoutes: readonly OpenRoute[]
  readonly environment: string
  readonly organizationId: string | undefined
  readonly logLevel: LogLevel
  readonly bodyLimit: number
  readonly drainGraceMs: number
  readonly subscriptionMode: SubscriptionMode
  readonly deadlineMs: number
  readonly webhookAlgorithms: readonly Algorithm[]
  readonly webhookToleranceS: number
  readonly filtersPath: string | undefined
  readonly subscriptionsPath: string | undefined
}

/** What the sandbox supplies when it is embedded, and the environment must otherwise. */
export interface RemoteConfig {
  readonly publicUrl: URL
  readonly webhookKeys: KeySource
  readonly genesys: GenesysConfig
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
type LogLevel = (typeof LOG_LEVELS)[number]
const SUBSCRIPTION_MODES = ['shared', 'per-filter'] as const
export type SubscriptionMode = (typeof SUBSCRIPTION_MODES)[number]

/** Every setting of our own, with what it is for. `filter-ledger serve --help` prints this table. */
export const SETTINGS = {
  FILTER_LEDGER_HOST: 'address to listen on (default 127.0.0.1)',
  FILTER_LEDGER_PORT: 'port to listen on (default 8080; 0 takes a free one)',
  FILTER_LEDGER_DATA: 'folder of the ledger and the keys (default ./data)',
  FILTER_LEDGER_DB: 'the ledger file (default <data>/ledger.db)',
  FILTER_LEDGER_KEYS: 'the keys folder (default <data>/keys)',
  FILTER_LEDGER_CHECKPOINT_KEY:
    'the key that signs checkpoints: a JWK or PEM text, or a file with one (default: the keys folder)',
  FILTER_LEDGER_ORIGIN:
    'name of the ledger in its checkpoints, for a checkpoint key that has none, or is to be made',
  FILTER_LEDGER_CHECKPOINT_FILE:
    'keeps the newest checkpoint outside of the ledger; all that writes compares',
  FILTER_LEDGER_WITNESSES: 'file of witnesses, a line each: its https URL, a space, its verifier key',
  FILTER_LEDGER_WITNESS_QUORUM: 'cosignatures that a checkpoint needs before it is published (default 0)',
  FILTER_LEDGER_OPEN: `read without a token, comma-separated, of ${OPEN_ROUTES.join(', ')}, or none (default checkpoint,tiles,proofs)`,
  FILTER_LEDGER_ENVIRONMENT: 'the environment that entries name (default production)',
  FILTER_LEDGER_ORGANIZATION_ID: 'the Genesys organization that deployments name',
  FILTER_LEDGER_PUBLIC_URL: 'https URL under which Genesys reaches this receiver',
  FILTER_LEDGER_WEBHOOK_JWKS: "the sender's keys: an https URL or a file",
  FILTER_LEDGER_WEBHOOK_ALGORITHMS: `comma-separated, of ${ALGORITHMS.join(', ')} (default all)`,
  FILTER_LEDGER_WEBHOOK_TOLERANCE_SECONDS: 'how far a signature may lie from now (default 300)',
  FILTER_LEDGER_SUBSCRIPTION: 'shared or per-filter (default shared)',
  FILTER_LEDGER_DEADLINE_MS: 'the longest a deployment may take (default 25000)',
  FILTER_LEDGER_FILTERS_PATH: 'path of the filter API (default: the manifest)',
  FILTER_LEDGER_SUBSCRIPTIONS_PATH: 'path of the subscription API (default: the manifest)',
  FILTER_LEDGER_BODY_LIMIT: 'bytes of a request body (default 262144)',
  FILTER_LEDGER_DRAIN_MS: 'how long a stop waits for requests (default 10000)',
  FILTER_LEDGER_TOKEN: 'access token that `deploy --receiver` sends',
  FILTER_LEDGER_LOG_LEVEL: 'debug, info, warn, error or silent (default info)',
} as const
type Setting = keyof typeof SETTINGS

/** Settings that only a live organization needs; an embedded sandbox brings its own. */
const REMOTE_SETTINGS = ['FILTER_LEDGER_PUBLIC_URL', 'FILTER_LEDGER_WEBHOOK_JWKS'] as const

/** Collects what is wrong, so that all of it is told at once. */
class EnvReader {
  readonly problems: string[] = []
  readonly env: Env

  constructor(env: Env) {
    this.env = env
  }

  /** An empty value is an absent one: that is what an unset variable of a compose file becomes. */
  text(name: string): string | undefined {
    return this.env[name]?.trim() || undefined
  }

  wholeNumber(name: Setting, fallback: number, min: number, max: number): number {
    const text = this.text(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    this.problems.push(`${name} must be a whole number from ${min} to ${max}`)
    return fallback
  }

  oneOf<T extends string>(name: Setting, values: readonly T[], fallback: T): T {
    const text = this.text(name)
    const value = text === undefined ? fallback : values.find((known) => known === text)
    if (value === undefined) this.problems.push(`${name} must be one of ${values.join(', ')}`)
    return value ?? fallback
  }

  required(names: readonly string[]): string {
    for (const name of names) {
      const text = this.text(name)
      if (text !== undefined) return text
    }
    this.problems.push(`${names.join(' or ')} is not set`)
    return ''
  }

  url(name: string, text: string | undefined): URL {
    const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined
    if (url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)))) return url
    if (text) this.problems.push(`${name} must be an https URL (http only on this machine)`)
    return new URL('https://invalid.example')
  }

  refuseUnknown(): void {
    for (const name of Object.keys(this.env)) {
      if (name.startsWith('FILTER_LEDGER_') && !Object.hasOwn(SETTINGS, name)) {
        this.problems.push(`there is no setting ${name}`)
      }
    }
  }

  finish(): void {
    if (this.problems.length === 0) return
    const list = this.problems.map((problem) => `\n  - ${problem}`).join('')
    throw new CliError(EXIT.usage, `the configuration has ${this.problems.length} problem(s):${list}`)
  }
}

/** Settings of the receiver itself. @throws CliError that names every problem at once */
export function readConfig(
  env: Env,
  remote: 'sandbox' | 'live',
): Config & { readonly remote: RemoteConfig | undefined } {
  const reader = new EnvReader(env)
  reader.refuseUnknown()
  const config = { ...receiverSettings(reader), ...pipelineSettings(reader) }
  if (remote === 'sandbox') {
    for (const name of REMOTE_SETTINGS) {
      if (reader.text(name) !== undefined)
        reader.problems.push(`${name} cannot be set together with --sandbox`)
    }
  }
  const live = remote === 'live' ? remoteSettings(reader) : undefined
  reader.finish()
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
    bodyLimit: reader.wholeNumber('FILTER_LEDGER_BODY_LIMIT', 262_144, 1024, 10_485_760),
    drainGraceMs: reader.wholeNumber('FILTER_LEDGER_DRAIN_MS', 10_000, 0, 600_000),
    webhookAlgorithms: algorithms(reader),
    webhookToleranceS: reader.wholeNumber('FILTER_LEDGER_WEBHOOK_TOLERANCE_SECONDS', 300, 1, 3600),
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
    filtersPath: apiPath(reader, 'FILTER_LEDGER_FILTERS_PATH'),
    subscriptionsPath: apiPath(reader, 'FILTER_LEDGER_SUBSCRIPTIONS_PATH'),
  }
}

function remoteSettings(reader: EnvReader): RemoteConfig {
  const publicUrl = reader.required(['FILTER_LEDGER_PUBLIC_URL'])
  return {
    publicUrl: reader.url('FILTER_LEDGER_PUBLIC_URL', publicUrl),
    webhookKeys: keySource(reader),
    genesys: {
      clientId: reader.required(['GENESYSCLOUD_OAUTHCLIENT_ID', 'GENESYS_CLIENT_ID']),
      clientSecret: reader.required(['GENESYSCLOUD_OAUTHCLIENT_SECRET', 'GENESYS_CLIENT_SECRET']),
      ...genesysUrl(reader),
    },
  }
}

/** Region domains of Genesys Cloud by the names that its Terraform provider uses. */
const REGION_DOMAINS: Readonly<Record<string, string>> = {
  'us-east-1': 'mypurecloud.com',
  'us-east-2': 'use2.us-gov-pure.cloud',
  'us-west-2': 'usw2.pure.cloud',
  'ca-central-1': 'cac1.pure.cloud',
  'mx-central-1': 'mxc1.pure.cloud',
  'sa-east-1': 'sae1.pure.cloud',
  'eu-west-1': 'mypurecloud.ie',
  'eu-west-2': 'euw2.pure.cloud',
  'eu-central-1': 'mypurecloud.de',
  'eu-central-2': 'euc2.pure.cloud',
  'eusc-de-east-1': 'edee1.eusc-pure.cloud',
  'me-central-1': 'mec1.pure.cloud',
  'ap-south-1': 'aps1.pure.cloud',
  'ap-southeast-1': 'apse1.pure.cloud',
  'ap-southeast-2': 'mypurecloud.com.au',
  'ap-northeast-1': 'mypurecloud.jp',
  'ap-northeast-2': 'apne2.pure.cloud',
  'ap-northeast-3': 'apne3.pure.cloud',
}

function genesysUrl(reader: EnvReader): { baseUrl: URL; gateway: boolean } {
  const host = reader.text('GENESYSCLOUD_GATEWAY_HOST')
  if (host !== undefined) {
    const protocol = reader.text('GENESYSCLOUD_GATEWAY_PROTOCOL') ?? 'https'
    const port = reader.text('GENESYSCLOUD_GATEWAY_PORT')
    const text = `${protocol}://${host}${port === undefined ? '' : `:${port}`}`
    return { baseUrl: reader.url('GENESYSCLOUD_GATEWAY_*', text), gateway: true }
  }
  const region = reader.text('GENESYSCLOUD_REGION')
  if (region === undefined) {
    const base = reader.text('GENESYS_BASE_URL') ?? 'https://api.mypurecloud.com'
    return { baseUrl: reader.url('GENESYS_BASE_URL', base), gateway: false }
  }
  const name = region.toLowerCase().replaceAll('_', '-')
  const domain = Object.hasOwn(REGION_DOMAINS, name) ? REGION_DOMAINS[name] : undefined
  if (domain === undefined) {
    reader.problems.push(`GENESYSCLOUD_REGION must be one of ${Object.keys(REGION_DOMAINS).join(', ')}`)
  }
  return { baseUrl: new URL(`https://api.${domain ?? 'mypurecloud.com'}`), gateway: false }
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

function algorithms(reader: EnvReader): readonly Algorithm[] {
  const text = reader.text('FILTER_LEDGER_WEBHOOK_ALGORITHMS')
  if (text === undefined) return ALGORITHMS
  const names = text.split(',').map((name) => name.trim())
  const known = ALGORITHMS.filter((algorithm) => names.includes(algorithm))
  if (known.length === names.length) return known
  reader.problems.push(
    `FILTER_LEDGER_WEBHOOK_ALGORITHMS must be a comma-separated list of ${ALGORITHMS.join(', ')}`,
  )
  return ALGORITHMS
}

function keySource(reader: EnvReader): KeySource {
  const text = reader.required(['FILTER_LEDGER_WEBHOOK_JWKS'])
  if (!/^[a-z]+:\/\//i.test(text)) return { kind: 'file', path: text }
  return { kind: 'url', url: reader.url('FILTER_LEDGER_WEBHOOK_JWKS', text) }
}

function apiPath(reader: EnvReader, name: Setting): string | undefined {
  const path = reader.text(name)
  if (path !== undefined && !/^(\/[A-Za-z0-9._~-]+)+$/.test(path))
    reader.problems.push(`${name} must be a path such as /api/v2/x`)
  return path
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
