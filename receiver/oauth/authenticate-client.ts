import { createHash, randomBytes } from 'node:crypto'
import { HASH_BYTES, liveHashes, SALT_BYTES, sameHash, SECRET_COST } from './client-secret.ts'
import type { HashSecret, SecretHashes } from './client-secret.ts'
import { guessLimits } from './guess-limits.ts'
import type { GuessLimits } from './guess-limits.ts'
import { hashingQueue } from './hashing-queue.ts'
import type { FindClient, OAuthClient } from './oauth-client.ts'
import { provenSecrets } from './proven-secrets.ts'
import { TokenRefusal } from './token-refusal.ts'

export interface AuthenticationDeps {
  readonly findClient: FindClient
  readonly hashSecret: HashSecret
  readonly now: () => Date
  /** Monotonic. */
  readonly clockMs: () => number
}

/** What a client shows of itself. `address` is what budgets go by. */
export interface Presented {
  readonly clientId: string
  readonly secret: string
  readonly address: string
}

/** The client, when the secret is its own. @throws TokenRefusal */
export type AuthenticateClient = (presented: Presented) => Promise<OAuthClient>

/**
 * Checks client ids and secrets. An id that is not there costs what one costs that is: the same hash, the same limits,
 * counted apart so that invented ids cannot push real ones out of memory.
 */
export function clientAuthentication({
  findClient,
  hashSecret,
  now,
  clockMs,
}: AuthenticationDeps): AuthenticateClient {
  const nobody: SecretHashes = {
    cost: SECRET_COST,
    salt: randomBytes(SALT_BYTES),
    current: randomBytes(HASH_BYTES),
  }
  const limitsOfClients = guessLimits({}, clockMs)
  const limitsOfNobody = guessLimits({}, clockMs)
  const proven = provenSecrets()
  const inTurn = hashingQueue()
  const checks = new Map<string, Promise<boolean>>()

  /** Whether the secret is one of the client's, at the cost of a hash. */
  const check = async (
    { secret, address }: Presented,
    { key, hashes, mark, limits }: Checked,
  ): Promise<boolean> => {
    const admission = limits.admit(key, address)
    if (admission.kind === 'locked') throw lockedOut(admission.waitMs)
    const { pending } = admission
    let found: Buffer
    try {
      const asker = { address, isKnown: limits.isKnown(key, address) }
      found = await inTurn(asker, () => hashSecret(secret, hashes.salt, hashes.cost))
    } catch (error) {
      pending.unchecked()
      throw error
    }
    // Every one is compared, so that the time does not tell which it is.
    const matching = liveHashes(hashes, now()).filter((hash) => sameHash(hash, found))
    const isRight = matching.length > 0
    if (isRight) {
      proven.add(found, mark)
      pending.right()
    } else pending.wrong()
    return isRight
  }

  return async (presented) => {
    const { clientId, secret, address } = presented
    const client = findClient(clientId)
    const limits = client ? limitsOfClients : limitsOfNobody
    const key = keyOf(clientId)
    const lockedMs = limits.waitMs(key, address)
    if (lockedMs > 0) throw lockedOut(lockedMs)
    const hashes = client?.hashes ?? nobody
    const mark = proven.markOf(secret)
    const isProven = liveHashes(hashes, now()).filter((hash) => proven.has(hash, mark)).length > 0
    // Many that come at once with one secret, as after a start, are one try.
    const name = `${key} ${address} ${hashes.current.toString('base64')} ${mark.toString('base64')}`
    const isRight =
      isProven || (await shared(checks, name, () => check(presented, { key, hashes, mark, limits })))
    if (isProven) limits.right(key, address)
    if (!client) throw new TokenRefusal('client-unknown')
    if (!isRight) throw new TokenRefusal('secret-wrong')
    if (client.expiresAt && now() >= client.expiresAt) throw new TokenRefusal('client-expired')
    return client
  }
}

interface Checked {
  readonly key: string
  readonly hashes: SecretHashes
  readonly mark: Buffer
  readonly limits: GuessLimits
}

/** As long as the work goes on, whoever asks for the same waits for the same. */
function shared<T>(under: Map<string, Promise<T>>, name: string, work: () => Promise<T>): Promise<T> {
  const going = under.get(name)
  if (going) return going
  const begun = work().finally(() => under.delete(name))
  under.set(name, begun)
  return begun
}

/** An id is attacker-controlled, and kilobytes if he likes: what is remembered of it is of one size. */
function keyOf(clientId: string): string {
  return createHash('sha256').update(clientId, 'utf8').digest('base64url')
}

function lockedOut(waitMs: number): TokenRefusal {
  return new TokenRefusal('locked-out', { retryAfterS: Math.ceil(waitMs / 1000) })
}
