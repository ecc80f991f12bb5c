import { readCapped } from '../../../ledger/http/read-body.ts'
import { isTimeout, withDeadline } from '../../../ledger/http/with-deadline.ts'
import { parseJson } from '../../parse-json.ts'
import { KeySetError, readKeySet } from './webhook-key.ts'
import type { KeySet } from './webhook-key.ts'

/**
 * How a fetch ended: `unreachable` also for a redirect, which is not followed; `not-a-key-set` for a set that
 * {@link readKeySet} refuses.
 */
export type FetchOutcome =
  'ok' | 'unreachable' | 'timeout' | 'status' | 'media-type' | 'too-large' | 'not-a-key-set'

export type FetchedKeys =
  | { readonly outcome: 'ok'; readonly keys: KeySet }
  | { readonly outcome: 'not-a-key-set'; readonly cause: KeySetError }
  | { readonly outcome: Exclude<FetchOutcome, 'ok' | 'not-a-key-set'>; readonly cause: Error }

export interface FetchKeysOptions {
  /** https, or http to this machine. */
  readonly url: URL
  readonly fetch: typeof globalThis.fetch
  /** For the whole of it: connection, answer and body. */
  readonly timeoutMs: number
}

const MAX_JWKS_BYTES = 262_144
const KEY_SET_TYPE = /^application\/(?:jwk-set\+)?json[ \t]*(?:;|$)/i
const CHARSET = /;[ \t]*charset=(?!"?utf-8"?[ \t]*(?:;|$))/i

/** Fetches a JWKS once. What the other side does is told by the outcome; it never rejects for it. */
export async function fetchKeySet({ url, fetch, timeoutMs }: FetchKeysOptions): Promise<FetchedKeys> {
  try {
    return await withDeadline(timeoutMs, async (signal) => {
      const headers = { accept: 'application/jwk-set+json, application/json' }
      return readAnswer(await fetch(url, { redirect: 'error', signal, headers }), signal)
    })
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error))
    return { outcome: isTimeout(error) ? 'timeout' : 'unreachable', cause }
  }
}

async function readAnswer(answer: Response, signal: AbortSignal): Promise<FetchedKeys> {
  const refuse = (outcome: 'status' | 'media-type', message: string): FetchedKeys => {
    answer.body?.cancel().catch(() => undefined)
    return { outcome, cause: new Error(message) }
  }
  if (answer.status !== 200) return refuse('status', `answered with ${answer.status}`)
  const type = answer.headers.get('content-type') ?? 'no content type'
  if (!isKeySetType(type)) return refuse('media-type', `answered with ${type}`)
  const bytes = await readCapped(answer, MAX_JWKS_BYTES, signal)
  if (!bytes) return { outcome: 'too-large', cause: new Error(`more than ${MAX_JWKS_BYTES} bytes`) }
  return readBytes(bytes)
}

/** RFC 7517 §8.5, or plain JSON. Both are UTF-8, and a charset may say nothing else. */
function isKeySetType(type: string): boolean {
  return KEY_SET_TYPE.test(type) && !CHARSET.test(type)
}

async function readBytes(bytes: Buffer): Promise<FetchedKeys> {
  try {
    return { outcome: 'ok', keys: await readKeySet(parse(bytes)) }
  } catch (error) {
    if (error instanceof KeySetError) return { outcome: 'not-a-key-set', cause: error }
    throw error
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return parseJson(bytes)
  } catch (error) {
    throw new KeySetError('not a JWKS: it is no JSON in UTF-8', { isKeySet: false, cause: error })
  }
}
