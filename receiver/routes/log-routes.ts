import express from 'express'
import type { RequestHandler, Response, Router } from 'express'
import { LedgerError } from '../../ledger/ledger-error.ts'
import { parseCheckpoint } from '../../ledger/note/checkpoint.ts'
import { formatTlogProof } from '../../ledger/note/tlog-proof.ts'
import { logFile } from '../../ledger/publish/log-files.ts'
import type { EntryReader } from '../../ledger/store/entry-reader.ts'
import { formatSigningKeys } from '../../ledger/store/log-reader.ts'
import type { LogReader } from '../../ledger/store/log-reader.ts'
import { consistencyProof, inclusionProof } from '../../ledger/tree/proof.ts'
import { parseTilePath } from '../../ledger/tree/tile-path.ts'
import type { TokenKey } from '../auth/access-token.ts'
import { requireScope } from '../auth/require-scope.ts'
import type { OpenRoute } from '../open-routes.ts'
import { RequestProblem } from '../problem.ts'
import { parseCount, readQuery } from './read-query.ts'
import { noteRoute } from './note-route.ts'

export interface LogRoutesDeps {
  readonly reader: EntryReader
  readonly log: LogReader
  /** The newest checkpoint that may be shown: with witnesses, the newest that enough of them cosigned. */
  readonly published: () => string | undefined
  readonly open: readonly OpenRoute[]
  readonly tokenKey: TokenKey
  readonly now: () => Date
}

/** Tiles never change; a partial one is named by its width. What needs a token stays out of shared caches. */
const IMMUTABLE = 'max-age=31536000, immutable'

/**
 * The ledger as a public log (C2SP tlog-tiles): `/checkpoint`, `/verifier-keys`, `/tile/…`,
 * `/ledger/entries/:index/proof` and `/ledger/consistency`.
 */
export function logRoutes(deps: LogRoutesDeps): Router {
  const router = express.Router()
  const read = requireScope('ledger:read', deps.tokenKey, deps.now)
  const guard = (route: OpenRoute): RequestHandler =>
    deps.open.includes(route)
      ? (_req, _res, next) => {
          next()
        }
      : read
  router.get('/checkpoint', noteRoute('/checkpoint'), guard('checkpoint'), checkpoint(deps))
  router.get('/verifier-keys', noteRoute('/verifier-keys'), guard('checkpoint'), verifierKeys(deps))
  router.get('/tile/entries/*path', noteRoute('/tile/entries'), guard('entries'), tile(deps, 'entries'))
  router.get('/tile/*path', noteRoute('/tile'), guard('tiles'), tile(deps, 'tiles'))
  router.get(
    '/ledger/entries/:index/proof',
    noteRoute('/ledger/entries/:index/proof'),
    guard('proofs'),
    proof(deps),
  )
  router.get('/ledger/consistency', noteRoute('/ledger/consistency'), guard('proofs'), consistency(deps))
  return router
}

function checkpoint({ published }: LogRoutesDeps): RequestHandler {
  return (_req, res) => {
    const note = published()
    if (note === undefined) throw new RequestProblem('checkpoint-missing')
    sendText(res, note)
  }
}

/** Every key that signed checkpoints of this ledger, the current one first. */
function verifierKeys({ log }: LogRoutesDeps): RequestHandler {
  return (_req, res) => {
    sendText(res, formatSigningKeys(log.signingKeys()))
  }
}

function tile({ reader, log, open }: LogRoutesDeps, route: OpenRoute): RequestHandler {
  const caching = `${open.includes(route) ? 'public' : 'private'}, ${IMMUTABLE}`
  return (req, res) => {
    const bytes = asProblem(() => logFile({ reader, log }, parseTilePath(req.path.slice(1))))
    res.set('cache-control', caching)
    res.type('application/octet-stream').send(bytes)
  }
}

/**
 * The proof of one entry under the published checkpoint, or under the kept one of `size`: what is published covers
 * that one, so no note goes out that the witnesses may yet refuse.
 */
function proof({ reader, log, published }: LogRoutesDeps): RequestHandler {
  return (req, res) => {
    const index = parseCount('index', req.params['index'])
    const { size: wanted } = readQuery(req, ['size'])
    const newest = published()
    if (newest === undefined) throw new RequestProblem('checkpoint-missing')
    const note = wanted === undefined ? newest : keptCheckpoint({ reader, log, newest }, wanted)
    const { size } = parseCheckpoint(note)
    if (index >= size)
      throw new RequestProblem('entry-not-found', { detail: `The checkpoint covers ${size} entries.` })
    sendText(res, formatTlogProof({ index, path: inclusionProof(index, size, log.node), checkpoint: note }))
  }
}

/** Hashes in base64, one a line (RFC 9162 §2.1.4.1). `to` defaults to the published checkpoint's size. */
function consistency({ reader, log, published }: LogRoutesDeps): RequestHandler {
  return (req, res) => {
    const query = readQuery(req, ['from', 'to'])
    const note = published()
    if (note === undefined) throw new RequestProblem('checkpoint-missing')
    const to = query.to ?? parseCheckpoint(note).size
    const { from } = query
    if (from === undefined)
      throw new RequestProblem('query-invalid', {
        detail: 'from is missing: the size of the older checkpoint',
      })
    if (to > reader.size()) throw sizeInFuture(reader.size())
    if (from > to) throw new RequestProblem('query-invalid', { detail: 'from must not be greater than to' })
    sendText(
      res,
      consistencyProof(from, to, log.node)
        .map((hash) => `${hash.toString('base64')}\n`)
        .join(''),
    )
  }
}

function keptCheckpoint(
  { reader, log, newest }: Pick<LogRoutesDeps, 'reader' | 'log'> & { readonly newest: string },
  size: number,
): string {
  if (size > reader.size()) throw sizeInFuture(reader.size())
  const published = parseCheckpoint(newest).size
  if (size > published) {
    throw new RequestProblem('checkpoint-missing', {
      detail: `The newest published checkpoint covers ${published} entries.`,
    })
  }
  const note = log.checkpointAt(size)
  if (note !== undefined) return note
  throw new RequestProblem('checkpoint-missing', {
    detail: `No commit ended at ${size} entries, so no checkpoint of that size was signed.`,
  })
}

function sizeInFuture(size: number): RequestProblem {
  return new RequestProblem('size-in-future', { detail: `The ledger has ${size} entries.` })
}

function sendText(res: Response, text: string): void {
  res.set('cache-control', 'no-cache')
  res.type('text/plain; charset=utf-8').send(text)
}

/** The ledger's refusals of a read, in the words of HTTP. */
export function asProblem<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    if (error.code === 'tile-path-malformed') throw new RequestProblem('tile-path-malformed', {}, error)
    if (error.code === 'out-of-range')
      throw new RequestProblem('tile-not-found', { detail: `${error.message}.` }, error)
    throw error
  }
}
