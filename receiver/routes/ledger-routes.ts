import express from 'express'
import type { RequestHandler, Router } from 'express'
import type { EntryReader, StoredEntry } from '../../ledger/store/entry-reader.ts'
import type { TokenKey } from '../auth/access-token.ts'
import { requireScope } from '../auth/require-scope.ts'
import { RequestProblem } from '../problem.ts'
import { asProblem } from './log-routes.ts'
import { noteRoute } from './note-route.ts'
import { parseCount, queryProblem, readQuery } from './read-query.ts'

export interface LedgerRoutesDeps {
  readonly reader: EntryReader
  readonly tokenKey: TokenKey
  readonly now: () => Date
}

const MAX_PAGE = 1000
const DEFAULT_PAGE = 100

/** `GET /ledger/entries` and `/ledger/entries/:index`, for auditors. */
export function ledgerRoutes({ reader, tokenKey, now }: LedgerRoutesDeps): Router {
  const router = express.Router()
  const read = requireScope('ledger:read', tokenKey, now)
  router.get('/ledger/entries', noteRoute('/ledger/entries'), read, entriesPage(reader))
  router.get('/ledger/entries/:index', noteRoute('/ledger/entries/:index'), read, oneEntry(reader))
  return router
}

/** `{size, from, entries: [{index, leafHash, entry}], next}`; `next` is the path of the next page, or null. */
function entriesPage(reader: EntryReader): RequestHandler {
  return (req, res) => {
    const query = readQuery(req, ['from', 'limit'])
    const limit = query.limit ?? DEFAULT_PAGE
    if (limit < 1 || limit > MAX_PAGE) throw queryProblem(`limit must be 1 to ${MAX_PAGE}`)
    const from = query.from ?? 0
    const size = reader.size()
    const entries = asProblem(() => reader.page(from, limit))
    const end = from + entries.length
    const next = end < size ? JSON.stringify(`/ledger/entries?from=${end}&limit=${limit}`) : 'null'
    res.type('application/json')
    res.send(`{"size":${size},"from":${from},"entries":[${entries.map(entryJson).join(',')}],"next":${next}}`)
  }
}

function oneEntry(reader: EntryReader): RequestHandler {
  return (req, res) => {
    const index = parseCount('index', req.params['index'])
    const stored = asProblem(() => reader.at(index))
    if (!stored)
      throw new RequestProblem('entry-not-found', { detail: `The ledger has ${reader.size()} entries.` })
    res.type('application/json').send(entryJson(stored))
  }
}

/** The entry's text goes out as it was hashed: it is never parsed and printed again. */
function entryJson({ index, leafHash, text }: StoredEntry): string {
  return `{"index":${index},"leafHash":"${leafHash}","entry":${text}}`
}
