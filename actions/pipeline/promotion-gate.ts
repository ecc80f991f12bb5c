import type { JsonObject } from '../../ledger/entry/entry.ts'
import type { Revision } from '../../ledger/projections/filter-history.ts'
import { canonicalFilterText } from '../filter/compare-filters.ts'
import { blockActionOf } from '../filter/filter-body.ts'
import { refused } from './plan.ts'
import type { Refusal } from './plan.ts'
import type { Wish } from './wish.ts'

/**
 * True when a rollback would make a filter block that only flags as it stands, and it is not the return of what a
 * demotion took out of force. Otherwise whoever lacks the evidence for a promotion could roll back to before.
 */
export function needsPromotion(wish: Extract<Wish, { kind: 'put' }>, now: JsonObject): boolean {
  const { operation, filter, rollback } = wish
  if (operation !== 'rollback' || rollback?.reenablesBlocking === true) return false
  return startsBlocking(now, filter)
}

/** True when a filter only flags, and would block or redact. Whether it is enabled is another matter. */
export function startsBlocking(now: JsonObject, wanted: JsonObject): boolean {
  const action = blockActionOf(wanted)
  return blockActionOf(now) === 'flag_and_pass' && action !== undefined && action !== 'flag_and_pass'
}

/**
 * True when what is wanted is what was in force until a demotion through this ledger, and everything since only
 * flagged. What was changed beside its `config` meanwhile does not matter.
 */
export function restoresDemoted(revisions: readonly Revision[], wanted: JsonObject): boolean {
  const states = revisions.filter(({ deleted }) => !deleted)
  const lastBlocking = states.findLastIndex(
    ({ filter }) => !filter || blockActionOf(filter) !== 'flag_and_pass',
  )
  const [before, demotion] = [states[lastBlocking], states[lastBlocking + 1]]
  if (!before?.filter || demotion?.origin !== 'ledger' || demotion.operation !== 'demote') return false
  return canonicalConfig(before.filter) === canonicalConfig(wanted)
}

/** The refusal, and the way that is open. */
export function promotionNeeded(name: string): Refusal {
  return refused(
    'validation',
    'promotion_needed',
    `${name} only flags now, and would block again without the evidence that a promotion asks for: \`promote\` it, or roll back to what its demotion took out of force`,
  )
}

function canonicalConfig({ config }: JsonObject): string {
  return canonicalFilterText({ config })
}
