import express from 'express'
import type { RequestHandler, Router } from 'express'
import type { FilterStates } from '../../ledger/projections/filter-states.ts'
import type { TokenKey } from '../auth/access-token.ts'
import { requireScope } from '../auth/require-scope.ts'
import { RequestProblem } from '../problem.ts'
import { noteRoute } from './note-route.ts'
import { queryProblem, readQuery } from './read-query.ts'

export interface FilterRoutesDeps {
  readonly filterStates: Pick<FilterStates, 'get' | 'states'>
  readonly tokenKey: TokenKey
  readonly now: () => Date
}

const MAX_PAGE = 1000
const DEFAULT_PAGE = 100

/** `GET /ledger/filters` and `/ledger/filters/:id`: how filters stand, by the events that the ledger has. */
export function filterRoutes({ filterStates, tokenKey, now }: FilterRoutesDeps): Router {
  const router = express.Router()
  const read = requireScope('ledger:read', tokenKey, now)
  router.get('/ledger/filters', noteRoute('/ledger/filters'), read, filtersPage(filterStates))
  router.get('/ledger/filters/:id', noteRoute('/ledger/filters/:id'), read, oneFilter(filterStates))
  return router
}

/**
 * `{size, from, filters, next}` by id; `next` is the path of the next page, or null. No filter ever leaves the
 * list, so who follows `next` while new ones come in may see one twice, and misses none.
 */
function filtersPage({ states }: FilterRoutesDeps['filterStates']): RequestHandler {
  return (req, res) => {
    const query = readQuery(req, ['from', 'limit'])
    const limit = query.limit ?? DEFAULT_PAGE
    if (limit < 1 || limit > MAX_PAGE) throw queryProblem(`limit must be 1 to ${MAX_PAGE}`)
    const from = query.from ?? 0
    const all = states()
    const filters = all.slice(from, from + limit)
    const end = from + filters.length
    const next = end < all.length ? `/ledger/filters?from=${end}&limit=${limit}` : null
    res.json({ size: all.length, from, filters, next })
  }
}

function oneFilter({ get }: FilterRoutesDeps['filterStates']): RequestHandler {
  return (req, res) => {
    const { id } = req.params
    const state = typeof id === 'string' ? get(id) : undefined
    if (!state) throw new RequestProblem('filter-not-found')
    res.json(state)
  }
}
