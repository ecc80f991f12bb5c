import type { Fault } from './place.ts'
import { FILTER_SOURCE } from './source-kind.ts'
import type { Member, SourceNode } from './source-node.ts'

/** The members of a map, with a fault for each name that stood before: parsers take one of the two in silence. */
export function checkedMembers(
  members: readonly Member[],
  faults: Fault[],
  { maxMembers, none } = FILTER_SOURCE,
): readonly Member[] {
  const kept = members.slice(0, maxMembers)
  const seen = new Set<string>()
  for (const { name, nameAt } of kept) {
    if (seen.has(name))
      faults.push({
        at: nameAt,
        message: `the key ${name.slice(0, 80)} stands twice here: take one of them out`,
      })
    seen.add(name)
  }
  const first = members[maxMembers]
  if (first)
    faults.push({ at: first.nameAt, message: `more than ${maxMembers} keys in one map: ${none} has` })
  return kept
}

/** The items of a list, or the documents of a file, as far as there may be so many. */
export function checkedItems(
  items: readonly SourceNode[],
  faults: Fault[],
  { maxItems } = FILTER_SOURCE,
): readonly SourceNode[] {
  const first = items[maxItems]
  if (first)
    faults.push({ at: first.at, message: `more than ${maxItems} items from here on: split the file` })
  return items.slice(0, maxItems)
}
