import { readFileSync } from 'node:fs'
import { addressSet } from '../../receiver/http/address-set.ts'
import type { EdgeMetrics } from '../../receiver/edge/edge-metrics.ts'
import type { EdgeSource } from '../../receiver/edge/delivery-route.ts'
import type { EventTypes } from '../../receiver/webhook/events/event-entry.ts'
import { parseEventBridgeEvent } from '../../receiver/webhook/events/eventbridge-event.ts'
import { parseEvent } from '../../receiver/webhook/events/webhook-event.ts'
import { readEd25519PublicKey } from '../../receiver/webhook/keys/ed25519-public-key.ts'
import { pinnedKeys, remoteKeys } from '../../receiver/webhook/keys/key-sources.ts'
import type { SharedSecret } from '../../receiver/webhook/keys/shared-secret.ts'
import { KeySetError, readKeySet } from '../../receiver/webhook/keys/webhook-key.ts'
import type { KeySet, ResolveKey } from '../../receiver/webhook/keys/webhook-key.ts'
import { apiKeyScheme, isBearerKey } from '../../receiver/webhook/schemes/api-key.ts'
import type { Algorithm } from '../../receiver/webhook/schemes/asymmetric.ts'
import { hubScheme } from '../../receiver/webhook/schemes/hub-sha256.ts'
import { jwsScheme } from '../../receiver/webhook/schemes/jws.ts'
import type { VerifySignature } from '../../receiver/webhook/schemes/scheme.ts'
import { standardWebhooksScheme } from '../../receiver/webhook/schemes/standard-webhooks.ts'
import { VerificationError } from '../../receiver/webhook/verification-error.ts'
import { CliError, EXIT } from '../exit.ts'
import { openLiveSecrets, openSecrets } from './open-secrets.ts'
import type { OpenSecretsDeps } from './open-secrets.ts'
import type { SourceConfig } from './source-config.ts'

type JwsConfig = SourceConfig & { readonly scheme: 'jws' }

export interface OpenSourcesDeps extends OpenSecretsDeps {
  readonly events: EventTypes
  /** Where a source of scheme jws has its signature, when it names no header. */
  readonly signatureHeader: string
  readonly metrics: Pick<EdgeMetrics, 'countKeyFetch' | 'watchKeys'>
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
    verify: retired ? refuseRetired : await openScheme(config, deps),
    parse: parserOf(config),
    eventTypes: deps.events,
    perMinute,
    retired,
    ...(config.addresses && { addresses: addressSet(config.addresses) }),
    ...(checksEventTime && { eventWindow: { windowS, toleranceS } }),
  }
}

/** Never asked: a retired source answers before anything is verified, and its secrets and keys may be gone. */
function refuseRetired(): never {
  throw new VerificationError('keys-unavailable', 'the source is retired')
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
        signatureHeader: config.header ?? deps.signatureHeader,
        resolveKey: await openKeys(config, deps),
      })
    case 'hub-sha256':
      return hubScheme({
        signatureHeader: config.header,
        encoding: config.encoding,
        secrets: openLiveSecrets(config, 'text', deps),
      })
    case 'standard-webhooks':
      return standardWebhooksScheme({
        ...config,
        secrets:
          config.publicKeys.length > 0
            ? openSecrets(config.secrets, 'whsec', deps)
            : openLiveSecrets(config, 'whsec', deps),
        publicKeys: config.publicKeys.map(readEd25519PublicKey),
      })
    case 'api-key':
      return apiKeyScheme({
        keyHeader: config.header,
        secrets: openLiveSecrets(
          config,
          'text',
          deps,
          config.header === 'authorization' ? bearerFault : undefined,
        ),
      })
  }
}

function bearerFault(secret: SharedSecret): string | undefined {
  return isBearerKey(secret)
    ? undefined
    : 'a bearer token has no spaces, and nothing but ASCII: make another key, or name another header'
}

async function openKeys(config: JwsConfig, { now, metrics, log }: OpenSourcesDeps): Promise<ResolveKey> {
  const { name, keys: source, algorithms } = config
  if (source.kind !== 'url') {
    const keys = await readKeySet(source.kind === 'inline' ? source.jwks : readJson(source.path))
    requireFitting(keys, algorithms)
    return pinnedKeys(keys)
  }
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
  const fetched = await keys.warm()
  if (fetched.outcome === 'ok') requireFitting(fetched.keys, algorithms)
  return keys.resolve
}

/** Keys of which none is for what the source takes would refuse every delivery for good. */
function requireFitting(keys: KeySet, algorithms: readonly Algorithm[]): void {
  const able = new Set([...keys.values()].flatMap((key) => key.algorithms))
  if (algorithms.some((algorithm) => able.has(algorithm))) return
  throw new CliError(
    EXIT.usage,
    `its keys are for ${[...able].join(', ')}, and none for its algorithms, ${algorithms.join(', ')}: name what the sender signs with`,
  )
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(EXIT.usage, `${path} cannot be used as a key set: ${reason}`, { cause: error })
  }
}
