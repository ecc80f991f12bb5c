import { readFileSync } from 'node:fs'
import { DEFAULT_PER_MINUTE } from '../receiver/edge/rate-limit.ts'
import { addressSet } from '../receiver/http/address-set.ts'
import { ALGORITHMS } from '../receiver/webhook/schemes/asymmetric.ts'
import type { Algorithm } from '../receiver/webhook/schemes/asymmetric.ts'
import type { EnvReader } from './env-reader.ts'
import { readSources } from './webhook-sources/read-sources.ts'
import type { KeySource, SourceConfig } from './webhook-sources/source-config.ts'

/** What the webhook edge runs with. */
export interface WebhookConfig {
  readonly sources: readonly SourceConfig[]
  /** What a sandbox's own source is verified by. */
  readonly shorthand: Pick<JwsConfig, 'algorithms' | 'windowS' | 'toleranceS'>
  /** The source whose route the pipeline subscribes. */
  readonly subscriptionSource: string
  readonly trustedProxies: readonly string[]
  readonly limits: {
    readonly refusalsPerMinute: number
    readonly underWay: number
    readonly underWayOfAddress: number
  }
}

type JwsConfig = SourceConfig & { readonly scheme: 'jws' }

/** The name that a source has when it is configured by the environment alone. */
export const GENESYS_SOURCE = 'genesys'

/** Reads them, the sources file included. */
export function webhookSettings(reader: EnvReader): WebhookConfig {
  const toleranceS = reader.wholeNumber('FILTER_LEDGER_WEBHOOK_TOLERANCE_SECONDS', 300, 1, 3600)
  const shorthand = { algorithms: algorithms(reader), windowS: toleranceS, toleranceS }
  const underWay = reader.wholeNumber('FILTER_LEDGER_DELIVERIES_UNDER_WAY', 1024, 1, 100_000)
  const refusalsPerMinute = reader.wholeNumber('FILTER_LEDGER_REFUSALS_PER_MINUTE', 600, 1, 10_000_000)
  return {
    sources: [...shorthandSource(reader, shorthand), ...fileSources(reader)],
    shorthand,
    subscriptionSource: reader.text('FILTER_LEDGER_SUBSCRIPTION_SOURCE') ?? GENESYS_SOURCE,
    trustedProxies: trustedProxies(reader),
    limits: {
      refusalsPerMinute,
      underWay,
      // What is under way counts against the budget until it is verified.
      underWayOfAddress: Math.min(Math.ceil(underWay / 2), refusalsPerMinute),
    },
  }
}

/** The one source of a simple installation: scheme jws, all else by default. */
export function genesysSource(shorthand: WebhookConfig['shorthand'], keys: KeySource): SourceConfig {
  return {
    ...shorthand,
    name: GENESYS_SOURCE,
    scheme: 'jws',
    format: 'filter-event',
    header: undefined,
    b64: true,
    keys,
    perMinute: DEFAULT_PER_MINUTE,
    addresses: undefined,
    retired: false,
    filterEntityTypes: undefined,
  }
}

/** Nothing is received without a source, and nothing is subscribed to a route that is not there. */
export function requireSubscribed(
  reader: EnvReader,
  { sources, subscriptionSource }: WebhookConfig,
  remote: 'sandbox' | 'live',
): void {
  const names = [...sources.map(({ name }) => name), ...(remote === 'sandbox' ? [GENESYS_SOURCE] : [])]
  if (names.length === 0)
    reader.problems.push(
      'there is no webhook source: set FILTER_LEDGER_SOURCES or FILTER_LEDGER_WEBHOOK_JWKS',
    )
  else if (!names.includes(subscriptionSource))
    reader.problems.push(
      `FILTER_LEDGER_SUBSCRIPTION_SOURCE must be one of the sources: ${names.join(', ')} (it is ${subscriptionSource})`,
    )
  if (sources.some(({ name, retired }) => name === subscriptionSource && retired))
    reader.problems.push(
      `FILTER_LEDGER_SUBSCRIPTION_SOURCE: the source ${subscriptionSource} is retired, so each event would be answered with 410: name another`,
    )
  const twice = names.filter((name, i) => names.indexOf(name) !== i)
  for (const name of new Set(twice)) reader.problems.push(`there are two webhook sources named ${name}`)
}

function shorthandSource(reader: EnvReader, shorthand: WebhookConfig['shorthand']): readonly SourceConfig[] {
  const text = reader.text('FILTER_LEDGER_WEBHOOK_JWKS')
  if (text === undefined) return []
  if (!/^[a-z]+:\/\//i.test(text)) return [genesysSource(shorthand, { kind: 'file', path: text })]
  const url = reader.url('FILTER_LEDGER_WEBHOOK_JWKS', text)
  return [genesysSource(shorthand, { kind: 'url', url })]
}

function fileSources(reader: EnvReader): readonly SourceConfig[] {
  const path = reader.text('FILTER_LEDGER_SOURCES')
  if (path === undefined) return []
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    reader.problems.push(`FILTER_LEDGER_SOURCES: ${path} cannot be read`)
    return []
  }
  const { sources, problems } = readSources({ path, text })
  reader.problems.push(...problems)
  return sources
}

function algorithms(reader: EnvReader): readonly Algorithm[] {
  const text = reader.text('FILTER_LEDGER_WEBHOOK_ALGORITHMS')
  if (text === undefined) return ALGORITHMS
  const names = listed(text)
  const known = ALGORITHMS.filter((algorithm) => names.includes(algorithm))
  if (known.length === names.length) return known
  reader.problems.push(
    `FILTER_LEDGER_WEBHOOK_ALGORITHMS must be a comma-separated list of ${ALGORITHMS.join(', ')}`,
  )
  return ALGORITHMS
}

function trustedProxies(reader: EnvReader): readonly string[] {
  const text = reader.text('FILTER_LEDGER_TRUST_PROXY')
  if (text === undefined || text === 'none') return []
  const texts = listed(text)
  try {
    addressSet(texts)
    return texts
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    reader.problems.push(`FILTER_LEDGER_TRUST_PROXY: ${error.message}`)
    return []
  }
}

function listed(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim())
}
