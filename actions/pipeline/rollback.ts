import { filterAt, historyOf } from '../../ledger/projections/filter-history.ts'
import type { Revision } from '../../ledger/projections/filter-history.ts'
import type { KnownFilter } from '../../ledger/projections/filter-records.ts'
import { bodyOfRecorded } from '../filter/filter-body.ts'
import type { KnownState } from './known-state.ts'
import { refused } from './plan.ts'
import type { Refusal } from './plan.ts'
import { promotionNeeded, restoresDemoted, startsBlocking } from './promotion-gate.ts'
import type { RollbackFacts, Wish } from './wish.ts'

/** What to put back: a revision by its number in the history, or what held at an instant (RFC 3339, UTC). */
export type RollbackTarget = { readonly revision: number } | { readonly at: string }

/**
 * The wish to have a filter as it was, from what the ledger knows alone. A filter that was removed is made again, under
 * a new id. `filter` is a name or an id; a name stands for the live filter of it, or else for the one that was removed.
 */
export function rollbackWish(state: KnownState, filter: string, to: RollbackTarget): Wish | Refusal {
  const known = findKnown(state, filter)
  if ('kind' in known) return known
  const history = readHistory(state, known)
  if ('kind' in history) return history
  const target = findTarget(history, known, to)
  if ('kind' in target) return target
  const { number: revision, entryIndexes, filter: content } = target
  if (!content)
    return refused(
      'validation',
      'content_unknown',
      `revision ${revision} of ${known.name} cannot be put back: no entry holds its content (entries ${entryIndexes.join(', ')})`,
    )
  const body = bodyOfRecorded(content)
  const now = history.findLast((state) => state.filter !== undefined)?.filter
  const blocksAgain = now !== undefined && startsBlocking(now, body)
  if (blocksAgain && !restoresDemoted(history, body)) return promotionNeeded(known.name)
  return {
    kind: 'put',
    operation: 'rollback',
    ...(!known.deleted && { filterId: known.filterId }),
    filter: body,
    rollback: {
      filterId: known.filterId,
      revision,
      entryIndexes,
      ...(blocksAgain && { reenablesBlocking: true }),
    },
  }
}

/** What a rollback did, for who asked. */
export function rollbackMessage({ filterId, revision, reenablesBlocking }: RollbackFacts): string {
  const done = `revision ${revision} of ${filterId} was put back`
  return reenablesBlocking ? `${done}; it blocks again, as before its demotion` : done
}

function findKnown({ records }: KnownState, nameOrId: string): KnownFilter | Refusal {
  const byId = records.get(nameOrId)
  const named = byId ? [byId] : records.byName(nameOrId)
  const live = named.filter(({ deleted }) => !deleted)
  const [first, second] = live.length > 0 ? live : named
  if (first && !second) return first
  if (!first)
    return refused(
      'validation',
      'filter_unknown',
      `the ledger knows no filter ${nameOrId}: without a history there is nothing to roll back to`,
    )
  const ids = (live.length > 0 ? live : named).map(({ filterId }) => filterId).join(', ')
  return refused(
    'validation',
    'filter_ambiguous',
    `several filters were called ${nameOrId}: name one of ${ids}`,
  )
}

/** All of it: with an entry missing, the revisions would have other numbers than those that somebody saw. */
function readHistory({ entryAt }: KnownState, { name, records }: KnownFilter): readonly Revision[] | Refusal {
  const entries = records.map(({ index }) => ({ index, entry: entryAt(index) }))
  const here = entries.flatMap(({ index, entry }) => (entry ? [{ index, entry }] : []))
  if (here.length === entries.length) return historyOf(here)
  return refused(
    'validation',
    'history_incomplete',
    `${entries.length - here.length} entries about ${name} are archived, and the archive is away: put it back first`,
  )
}

function findTarget(
  history: readonly Revision[],
  { name, filterId }: KnownFilter,
  to: RollbackTarget,
): Revision | Refusal {
  const missing = (message: string): Refusal => refused('validation', 'revision_unknown', message)
  if ('at' in to) {
    const standing = filterAt(history, to.at)
    if (standing.kind === 'live') return standing.revision
    const why =
      standing.kind === 'removed' ? 'had been removed' : 'was not there yet, as far as the ledger knows,'
    return missing(`${name} (${filterId}) ${why} at ${to.at}`)
  }
  const found = history.find(({ number }) => number === to.revision)
  if (!found)
    return missing(
      `${name} (${filterId}) has no revision ${to.revision}: \`history\` tells 1 to ${history.length}`,
    )
  if (found.deleted)
    return missing(
      `revision ${found.number} of ${name} is its removal: roll back to ${found.number - 1}, how it last stood`,
    )
  return found
}
