import { randomBytes, randomUUID } from 'node:crypto'
import type { SandboxLogLine } from './log-line.ts'
import { SIGNATURE_ALGORITHMS } from './signer.ts'
import type { SignatureAlgorithm } from './signer.ts'
import type { SandboxClient } from './state.ts'

export const ALL_SCOPES: readonly string[] = [
  'ai:llm-gateway:read',
  'ai:llm-gateway:write',
  'ai:llm-gateway:read:filters',
  'webhook:read',
  'webhook:write',
  'integrations',
  'integrations:readonly',
]

export interface DeliveryOptions {
  /** Patience for one attempt, in milliseconds. Default 10000. */
  readonly timeoutMs?: number
  /** Attempts after the first. Default 5. */
  readonly retries?: number
  /** Pause between two attempts, in milliseconds. Default 5000. */
  readonly waitMs?: number
  /** Deliveries the log keeps. Default 1000. */
  readonly logSize?: number
}

export interface RateLimitOptions {
  /** Requests per window and access token. Default 300. */
  readonly allowed?: number
  /** Default 60. */
  readonly windowSeconds?: number
}

export interface ClientOptions {
  /** Default: a new UUID. */
  readonly id?: string
  /** Default: random. */
  readonly secret?: string
  /** Default `Sandbox client`. */
  readonly name?: string
  /** Default: all that the API knows. */
  readonly scopes?: readonly string[]
}

export interface SandboxOptions {
  /** Default 0: any free port. */
  readonly port?: number
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string
  /** Default: the clock of the machine. */
  readonly now?: () => Date
  /** Carries deliveries. Default: the global one. */
  readonly fetch?: typeof fetch
  /** Takes the log. Default: none is written. */
  readonly log?: (line: SandboxLogLine) => void
  /** Signs deliveries. Default ES256. */
  readonly alg?: SignatureAlgorithm
  readonly delivery?: DeliveryOptions
  /** `false` turns rate limiting off. */
  readonly rateLimit?: RateLimitOptions | false
  /** OAuth clients, the first of which the handle shows. Default: one with every scope. */
  readonly clients?: readonly ClientOptions[]
  /** Default 86400. */
  readonly tokenLifetimeSeconds?: number
  /** Default: a new UUID. */
  readonly organizationId?: string
  /** Default 50. */
  readonly maxEnabledFilters?: number
  /** Priorities go from 1 to this. Default 100. More makes room for more than 100 filters. */
  readonly maxPriority?: number
  /** Default `/api/v2/ai/llm-gateway/filters`. */
  readonly filtersPath?: string
  /** Default `/api/v2/webhooks`. */
  readonly subscriptionsPath?: string
  /** How long an integration takes to become active once it is enabled, in milliseconds. Default 50. */
  readonly integrationEnableMs?: number
}

export interface ResolvedRateLimit {
  readonly allowed: number
  readonly windowSeconds: number
}

export interface SandboxSettings {
  readonly port: number
  readonly host: string
  readonly now: () => Date
  readonly fetch: typeof fetch
  readonly log: ((line: SandboxLogLine) => void) | undefined
  readonly alg: SignatureAlgorithm
  readonly delivery: Required<DeliveryOptions>
  readonly rateLimit: ResolvedRateLimit | undefined
  readonly clients: readonly [SandboxClient, ...SandboxClient[]]
  readonly tokenLifetimeSeconds: number
  readonly organization: { readonly id: string; readonly name: string }
  readonly maxEnabledFilters: number
  readonly maxPriority: number
  readonly filtersPath: string
  readonly subscriptionsPath: string
  readonly integrationEnableMs: number
}

/** Fills in every default once. @throws TypeError naming the option that is wrong */
export function resolveSettings(options: SandboxOptions): SandboxSettings {
  const { delivery = {}, rateLimit = {}, clients = [], alg = 'ES256' } = options
  if (!SIGNATURE_ALGORITHMS.includes(alg)) {
    throw new TypeError(`"alg" must be one of ${SIGNATURE_ALGORITHMS.join(', ')}`)
  }
  const [first, ...others] = clients.map(resolveClient)
  return {
    port: count('port', options.port ?? 0, 0),
    host: options.host ?? '127.0.0.1',
    now: options.now ?? (() => new Date()),
    fetch: options.fetch ?? globalThis.fetch,
    log: options.log,
    alg,
    delivery: {
      timeoutMs: count('delivery.timeoutMs', delivery.timeoutMs ?? 10_000, 1),
      retries: count('delivery.retries', delivery.retries ?? 5, 0),
      waitMs: count('delivery.waitMs', delivery.waitMs ?? 5_000, 0),
      logSize: count('delivery.logSize', delivery.logSize ?? 1_000, 1),
    },
    rateLimit: rateLimit === false ? undefined : resolveRateLimit(rateLimit),
    clients: [first ?? resolveClient({}), ...others],
    tokenLifetimeSeconds: count('tokenLifetimeSeconds', options.tokenLifetimeSeconds ?? 86_400, 1),
    organization: { id: options.organizationId ?? randomUUID(), name: 'Filter Ledger sandbox' },
    maxEnabledFilters: count('maxEnabledFilters', options.maxEnabledFilters ?? 50, 1),
    maxPriority: count('maxPriority', options.maxPriority ?? 100, 1),
    filtersPath: path('filtersPath', options.filtersPath ?? '/api/v2/ai/llm-gateway/filters'),
    subscriptionsPath: path('subscriptionsPath', options.subscriptionsPath ?? '/api/v2/webhooks'),
    integrationEnableMs: count('integrationEnableMs', options.integrationEnableMs ?? 50, 0),
  }
}

function resolveRateLimit({ allowed = 300, windowSeconds = 60 }: RateLimitOptions): ResolvedRateLimit {
  return {
    allowed: count('rateLimit.allowed', allowed, 1),
    windowSeconds: count('rateLimit.windowSeconds', windowSeconds, 1),
  }
}

function resolveClient({ id, secret, name, scopes }: ClientOptions): SandboxClient {
  if (id?.includes(':') === true) throw new TypeError('"clients[].id" must not contain a colon')
  return {
    id: id ?? randomUUID(),
    secret: secret ?? randomBytes(32).toString('base64url'),
    name: name ?? 'Sandbox client',
    scopes: scopes ?? ALL_SCOPES,
  }
}

function count(option: string, value: number, min: number): number {
  if (Number.isSafeInteger(value) && value >= min) return value
  throw new TypeError(`"${option}" must be an integer of at least ${min}`)
}

function path(option: string, value: string): string {
  if (/^(\/[A-Za-z0-9._~-]+)+$/.test(value)) return value
  throw new TypeError(`"${option}" must be an absolute path without a slash at its end`)
}
