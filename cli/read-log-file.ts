import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readCapped } from '../ledger/http/read-body.ts'
import { isTimeout, withDeadline } from '../ledger/http/with-deadline.ts'
import type { ReadLogFile } from '../ledger/verify/verify-published.ts'
import { CliError, EXIT } from './exit.ts'
import { isCode } from './system-error.ts'

/** A bundle of 256 entries of 65,535 bytes is the largest file of a log. */
const MAX_BYTES = 17_000_000

/** Reads a published log from a folder. What is there but no file reads as not there. */
export function readFromFolder(folder: string): ReadLogFile {
  return async (path) => {
    const place = join(folder, path)
    try {
      const found = await stat(place)
      if (!found.isFile()) return undefined
      if (found.size <= MAX_BYTES) return await readFile(place)
    } catch (error) {
      if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return undefined
      throw new CliError(EXIT.unreachable, `${place} cannot be read`, { cause: error })
    }
    throw new CliError(EXIT.unreachable, `${place} is larger than any file of a log`)
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
  let isClosed = false
  return async (path) => {
    if (isClosed && isBundle(path)) return undefined
    const url = new URL(path, root)
    return withDeadline(timeoutMs, async (signal) => {
      const answer = await fetch(url, { headers, redirect: 'error', signal }).catch((error: unknown) => {
        throw isTimeout(error) ? error : unreachable(url, 'cannot be reached', error)
      })
      const isAbsent = answer.status === 404 || answer.status === 410
      // A closed entry route: the hashes can still be verified.
      const isRefused = isBundle(path) && [401, 403].includes(answer.status)
      isClosed ||= isRefused
      if (isAbsent || isRefused) {
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

function isBundle(path: string): boolean {
  return path.startsWith('tile/entries/')
}

function unreachable(url: URL, what: string, cause?: unknown): CliError {
  return new CliError(EXIT.unreachable, `${url.href} ${what}`, { cause })
}
