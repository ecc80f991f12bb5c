import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { addressSet } from '../../receiver/http/address-set.ts'
import type { EdgeMetrics } from '../../receiver/edge/edge-metrics.ts'
import type { EdgeSource } from '../../receiver/edge/delivery-route.ts'
import type { EventTypes } from '../../receiver/webhook/events/event-entry.ts'
import { parseEventBridgeEvent } from '../../receiver/webhook/events/eventbridge-event.ts'
import { parseEvent } from '../../receiver/webhook/events/webhook-event.ts'
import { readEd25519PublicKey } from '../../receiver/webhook/keys/ed25519-public-key.ts'
import { pinnedKeys, remoteKeys } from '../../receiver/webhook/keys/key-sources.ts'
import { readSharedSecret } from '../../receiver/webhook/keys/shared-secret.ts'
import type { SecretKind, SharedSecret } from '../../receiver/webhook/keys/shared-secret.ts'
import { KeySetError, readKeySet } from '../../receiver/webhook/keys/webhook-key.ts'
import type { ResolveKey } from '../../receiver/webhook/keys/webhook-key.ts'
import { apiKeyScheme } from '../../receiver/webhook/schemes/api-key.ts'
import { hubScheme } from '../../receiver/webhook/schemes/hub-sha256.ts'
import { jwsScheme } from '../../receiver/webhook/schemes/jws.ts'
import type { VerifySignature } from '../../receiver/webhook/schemes/scheme.ts'
import { standardWebhooksScheme } from '../../receiver/webhook/schemes/standard-webhooks.ts'
import { CliError, EXIT } from '../exit.ts'
import type { KeySource, SecretSource, SourceConfig } from './source-config.ts'

export interface OpenSourcesDeps {
  readonly events: EventTypes
  readonly metrics: Pick<EdgeMetrics, 'countKeyFetch' | 'watchKeys'>
  /** Where `env:` secrets stand. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => Date
  readonly log: Logger
}

/**
 * Makes the sources of their configuration: reads secrets and key files, fetches each remote key set once.
 *
 * @throws CliError that names every key and secret that cannot be used
 */
export async function openSources(
  configs: readonly SourceConfig[],
  deps: OpenSourcesDeps,
): Promise<readonly EdgeSource[]> {
  const opened = await Promise.allSettled(configs.map((config) => openSource(config, deps)))
  const problems = opened.flatMap((result, i) =>
    result.status === 'rejected'
      ? [`webhook source ${configs[i]?.name ?? ''}: ${reasonOf(result.reason)}`]
      : [],
  )
  if (problems.length > 0) throw new CliError(EXIT.usage, problems.join('\n  '))
  return opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

/** What a person can mend; anything else is ours and goes on as it is. */
function reasonOf(error: unknown): string {
  if (error instanceof KeySetError || error instanceof CliError) return error.message
  throw error
}

async function openSource(config: SourceConfig, deps: OpenSourcesDeps): Promise<EdgeSource> {
  const { name, windowS, toleranceS, perMinute, retired } = config
  const checksEventTime = config.scheme === 'hub-sha256' && config.checksEventTime
  return {
    name,
    verify: await openScheme(config, deps),
    parse: parserOf(config),
    eventTypes: deps.events,
    perMinute,
    retired,
    ...(config.addresses && { addresses: addressSet(config.addresses) }),
    ...(checksEventTime && { eventWindow: { windowS, toleranceS } }),
  }
}

function parserOf({ format, filterEntityTypes }: SourceConfig): EdgeSource['parse'] {
  if (format === 'filter-event') return parseEvent
  return ({ body }) => parseEventBridgeEvent(body, filterEntityTypes ? { filterEntityTypes } : {})
}

async function openScheme(config: SourceConfig, deps: OpenSourcesDeps): Promise<VerifySignature> {
  switch (config.scheme) {
    case 'jws':
      return jwsScheme({
        ...config,
        signatureHeader: config.header,
        resolveKey: await openKeys(config.name, config.keys, deps),
      })
    case 'hub-sha256':
      return hubScheme({
        signatureHeader: config.header,
        encoding: config.encoding,
        secrets: openSecrets(config.secrets, 'text', deps),
      })
    case 'standard-webhooks':
      return standardWebhooksScheme({
        ...config,
        secrets: openSecrets(config.secrets, 'whsec', deps),
        publicKeys: config.publicKeys.map(readEd25519PublicKey),
      })
    case 'api-key':
      return apiKeyScheme({ keyHeader: config.header, secrets: openSecrets(config.secrets, 'text', deps) })
  }
}

async function openKeys(
  name: string,
  source: KeySource,
  { now, metrics, log }: OpenSourcesDeps,
): Promise<ResolveKey> {
  if (source.kind === 'inline') return pinnedKeys(await readKeySet(source.jwks))
  if (source.kind === 'file') return pinnedKeys(await readKeySet(readJson(source.path)))
  const keys = remoteKeys({
    url: source.url,
    fetch: globalThis.fetch,
    now,
    random: Math.random,
    onFetch: (outcome, cause) => {
      metrics.countKeyFetch(name, outcome)
      if (cause)
        log.warn({ source: name, outcome, reason: cause.message }, 'the key set could not be fetched')
    },
  })
  metrics.watchKeys(name, keys.status)
  // An endpoint that is down now may be up when the first delivery comes; what it serves must be fit.
  await keys.warm()
  return keys.resolve
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(EXIT.usage, `${path} cannot be used as a key set: ${reason}`, { cause: error })
  }
}

function openSecrets(
  sources: readonly SecretSource[],
  kind: SecretKind,
  { env }: OpenSourcesDeps,
): readonly SharedSecret[] {
  return sources.map(({ from, until }) => {
    const place = `${from.kind}:${from.name}`
    const text = from.kind === 'env' ? env[from.name] : readSecretFile(from.name)
    if (text === undefined || text === '')
      throw new CliError(EXIT.usage, `${place}: there is no secret: set it, or name another place`)
    try {
      return readSharedSecret(text, kind, until)
    } catch (error) {
      if (error instanceof KeySetError)
        throw new CliError(EXIT.usage, `${place}: ${error.message}`, { cause: error })
      throw error
    }
  })
}

/** Without the line end that an editor leaves. */
function readSecretFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch {
    return undefined
  }
}
