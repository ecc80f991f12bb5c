import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReadLogFile } from '../ledger/verify/verify-published.ts'
import { CliError, EXIT } from './exit.ts'

/** A bundle of 256 entries of 65,535 bytes is the largest file of a log. */
const MAX_BYTES = 17_000_000
const TIMEOUT_MS = 30_000

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

/** Reads a published log over HTTP. What is closed to the token reads as not published. */
export function readFromUrl(base: URL, token: string | undefined): ReadLogFile {
  const root = base.href.endsWith('/') ? base : new URL(`${base.href}/`)
  const headers = token ? { authorization: `Bearer ${token}` } : {}
  return async (path) => {
    const url = new URL(path, root)
    const answer = await fetch(url, {
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new CliError(EXIT.unreachable, `${url.href} cannot be reached`, { cause: error })
    })
    const isAbsent = answer.status === 404 || answer.status === 410
    // A closed entry route: the hashes can still be verified.
    if (isAbsent || (path.startsWith('tile/entries/') && [401, 403].includes(answer.status))) {
      await answer.body?.cancel()
      return undefined
    }
    if (!answer.ok) throw new CliError(EXIT.unreachable, `${url.href} answered ${answer.status}`)
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (bytes.length > MAX_BYTES)
      throw new CliError(EXIT.unreachable, `${url.href} is larger than any file of a log`)
    return bytes
  }
}
