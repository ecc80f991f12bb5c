import type { Logger } from 'pino'
import { liveSecrets, readSharedSecret } from '../../receiver/webhook/keys/shared-secret.ts'
import type { SecretKind, SharedSecret } from '../../receiver/webhook/keys/shared-secret.ts'
import { KeySetError } from '../../receiver/webhook/keys/webhook-key.ts'
import { CliError, EXIT } from '../exit.ts'
import { readSecret } from '../secret-file.ts'
import type { SecretSource } from './source-config.ts'

export interface OpenSecretsDeps {
  /** Where `env:` secrets stand. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => Date
  readonly log: Pick<Logger, 'warn'>
}

export interface SecretsConfig {
  readonly name: string
  readonly secrets: readonly SecretSource[]
}

/** A secret that ends within so many days, and has no successor, is told at start. */
const WARN_DAYS = 7
const DAY_MS = 86_400_000

/**
 * Reads the secrets of a source that has nothing else to verify with: one of them has to hold now.
 *
 * @param fault why a secret cannot serve in this scheme; undefined for a fit one
 * @throws CliError
 */
export function openLiveSecrets(
  config: SecretsConfig,
  kind: SecretKind,
  deps: OpenSecretsDeps,
  fault?: (secret: SharedSecret) => string | undefined,
): readonly SharedSecret[] {
  const secrets = openSecrets(config.secrets, kind, deps, fault)
  const now = deps.now()
  const live = liveSecrets(secrets, now)
  const end = lastEnd(live.length > 0 ? live : secrets)
  if (live.length === 0)
    throw new CliError(
      EXIT.usage,
      `every secret has ended, the last at ${end?.toISOString() ?? 'no time'}: name the one that the sender uses now, or take its "until" away`,
    )
  if (end && end.getTime() - now.getTime() <= WARN_DAYS * DAY_MS)
    deps.log.warn(
      { source: config.name, until: end.toISOString() },
      'the last secret of the source ends soon, and from then on its deliveries get 503: name the next one',
    )
  return secrets
}

/** @throws CliError that names the place of the first secret that cannot be used */
export function openSecrets(
  sources: readonly SecretSource[],
  kind: SecretKind,
  { env }: Pick<OpenSecretsDeps, 'env'>,
  fault: (secret: SharedSecret) => string | undefined = () => undefined,
): readonly SharedSecret[] {
  return sources.map(({ from, until }) => {
    const text = from.kind === 'env' ? fromEnvironment(from.name, env) : fromFile(from.name)
    const refuse = (reason: string, cause?: KeySetError): CliError =>
      new CliError(EXIT.usage, `${from.kind}:${from.name}: ${reason}`, { cause })
    try {
      const secret = readSharedSecret(text, kind, until)
      const reason = fault(secret)
      if (reason !== undefined) throw refuse(reason)
      return secret
    } catch (error) {
      throw error instanceof KeySetError ? refuse(error.message, error) : error
    }
  })
}

/** When the last of them ends; undefined when one has no end. */
function lastEnd(secrets: readonly SharedSecret[]): Date | undefined {
  const ends = secrets.map(({ until }) => until?.getTime() ?? Infinity)
  const last = Math.max(...ends)
  return Number.isFinite(last) ? new Date(last) : undefined
}

function fromEnvironment(name: string, env: OpenSecretsDeps['env']): string {
  // Not what every object has, such as `constructor`.
  const text = Object.hasOwn(env, name) ? env[name] : undefined
  if (text) return text
  throw new CliError(EXIT.usage, `env:${name}: there is no secret: set it, or name another place`)
}

/** Without the line end that an editor leaves. */
function fromFile(path: string): string {
  return readSecret(path, {
    name: `file:${path}`,
    whenMissing: 'put the secret there, or name another place',
    whenBroken: 'a file with a secret was expected',
  }).replace(/\r?\n$/, '')
}
