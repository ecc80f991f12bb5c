import type { Actor, PropertyChange } from '../../ledger/entry/entry.ts'
import type { Revision, Teller } from '../../ledger/projections/filter-history.ts'
import type { FilterLife } from '../../ledger/projections/filter-lives.ts'
import { printable } from '../webhook/printable.ts'

/** The history of one filter as text: a head line, then each revision with what is known of it. */
export function describeLife({ filterId, name, versionOf, revisions }: FilterLife): string {
  const state = revisions.at(-1)?.deleted ? 'removed' : 'live'
  const origin = versionOf === undefined ? '' : `, made as a version of ${printable(versionOf)}`
  const count = `${revisions.length} revision${revisions.length === 1 ? '' : 's'}`
  const head = `${printable(name)} (${printable(filterId)}), ${state}, ${count}${origin}`
  return [head, ...revisions.flatMap(describeRevision)].join('\n')
}

/** When a filter came to be as it is, through whom: for one line. */
export function describeOrigin(revision: Revision): string {
  return `${revision.from}, ${printable(revision.operation)} by ${whoOf(revision.actor)} (${entriesOf(revision.entryIndexes)})`
}

function describeRevision(revision: Revision): readonly string[] {
  const { number, from, operation, version, actor, deleted, filter, imported } = revision
  const counted = version === undefined ? '' : `, version ${version}`
  const detail = [
    ...whyOf(revision),
    ...rollbackOf(revision),
    ...(revision.missingBefore > 0
      ? [`${revision.missingBefore} version(s) before it are not in this ledger`]
      : []),
    ...revision.propertyChanges.map(describeChange),
    ...(filter === undefined && !deleted ? ['its content is not known: the event did not hold it'] : []),
    `${entriesOf(revision.entryIndexes)}: ${confirmationOf(revision)}`,
    ...(imported ? [`imported by ${whoOf(imported.actor)}`, ...whyOf(imported)] : []),
  ]
  return [
    `  ${number}  ${from}  ${printable(operation)}${counted}, by ${whoOf(actor)}`,
    ...detail.map((line) => `     ${line}`),
  ]
}

function whyOf({ reason, ticketRef }: Teller): readonly string[] {
  const given = [reason, ticketRef === undefined ? undefined : `ticket ${ticketRef}`]
  const texts = given.flatMap((text) => (text === undefined ? [] : [printable(text)]))
  return texts.length > 0 ? [`why: ${texts.join('; ')}`] : []
}

function rollbackOf({ rollback }: Revision): readonly string[] {
  if (!rollback) return []
  const { filterId, revision, reenablesBlocking } = rollback
  const source = `puts back revision ${JSON.stringify(revision)} of ${printable(typeof filterId === 'string' ? filterId : '')}`
  return [reenablesBlocking === true ? `${source}; it blocks again` : source]
}

function describeChange({ property, oldValues, newValues }: PropertyChange): string {
  return `${printable(property)}: ${valuesOf(oldValues)} -> ${valuesOf(newValues)}`
}

function valuesOf(values: readonly string[]): string {
  return values.length === 0 ? '(none)' : printable(values.join(', '))
}

function confirmationOf({ origin, confirmedBy, contradictedBy }: Revision): string {
  if (contradictedBy.length > 0)
    return `the sender's ${entriesOf(contradictedBy)} says otherwise than what was written`
  if (origin === 'outside') return "an outside change, told by the sender's event alone"
  return confirmedBy.length > 0 ? "confirmed by the sender's event" : 'not confirmed by an event yet'
}

function entriesOf(indexes: readonly number[]): string {
  return `${indexes.length === 1 ? 'entry' : 'entries'} ${indexes.join(', ')}`
}

function whoOf({ type, id, name, onBehalfOf }: Actor): string {
  const who = [type, id ?? name].flatMap((text) => (text === undefined ? [] : [printable(text)])).join(' ')
  return onBehalfOf === undefined ? who : `${who} on behalf of ${printable(onBehalfOf)}`
}
