import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readCapped } from '../ledger/http/read-body.ts'
import { isTimeout, withDeadline } from '../ledger/http/with-deadline.ts'
import type { ReadLogFile } from '../ledger/verify/verify-published.ts'
import { CliError, EXIT } from './exit.ts'

/** A bundle of 256 entries of 65,535 bytes is the largest file of a log. */
const MAX_BYTES = 17_000_000

/** Reads a published log from a folder. */
export function readFromFolder(folder: string): ReadLogFile {
  return async (path) => {
    try {
      return await readFile(join(folder, path))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw new CliError(EXIT.unreachable, `${join(folder, path)} cannot be read`, { cause: error })
    }
  }
}

export interface UrlOptions {
  /** For the routes of a log that are closed. */
  readonly token?: string
  /** How long a file may take, headers and body. Default 30,000. */
  readonly timeoutMs?: number
}

/** Reads a published log over HTTP. What is closed to the token reads as not published. */
export function readFromUrl(base: URL, { token, timeoutMs = 30_000 }: UrlOptions = {}): ReadLogFile {
  const root = base.href.endsWith('/') ? base : new URL(`${base.href}/`)
  const headers = token ? { authorization: `Bearer ${token}` } : {}
  return async (path) => {
    const url = new URL(path, root)
    return withDeadline(timeoutMs, async (signal) => {
      const answer = await fetch(url, { headers, redirect: 'error', signal }).catch((error: unknown) => {
        throw isTimeout(error) ? error : unreachable(url, 'cannot be reached', error)
      })
      const isAbsent = answer.status === 404 || answer.status === 410
      // A closed entry route: the hashes can still be verified.
      if (isAbsent || (path.startsWith('tile/entries/') && [401, 403].includes(answer.status))) {
        await answer.body?.cancel()
        return undefined
      }
      if (!answer.ok) throw unreachable(url, `answered ${answer.status}`)
      const bytes = await readCapped(answer, MAX_BYTES, signal).catch((error: unknown) => {
        throw isTimeout(error) ? error : unreachable(url, 'was cut off in the middle', error)
      })
      if (!bytes) throw unreachable(url, 'is larger than any file of a log')
      return bytes
    }).catch((error: unknown) => {
      if (!isTimeout(error)) throw error
      throw unreachable(url, `did not come within ${timeoutMs / 1000} s`, error)
    })
  }
}

function unreachable(url: URL, what: string, cause?: unknown): CliError {
  return new CliError(EXIT.unreachable, `${url.href} ${what}`, { cause })
}
