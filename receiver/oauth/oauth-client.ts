import type { SecretHashes } from './client-secret.ts'

/** A program that may ask for tokens. */
export interface OAuthClient {
  /** What it calls itself by. Made by us, from the name and 48 random bits. */
  readonly id: string
  readonly name: string
  /** All that it may ask for. */
  readonly scopes: readonly string[]
  /** From this instant on it gets no token. Undefined: without end. */
  readonly expiresAt: Date | undefined
  readonly hashes: SecretHashes
}

/**
 * The client of an id, as it stands now; undefined when there is none.
 *
 * @throws TokenRefusal `clients-unreadable`: then nobody is let in, and nobody is told that he is wrong
 */
export type FindClient = (id: string) => OAuthClient | undefined
