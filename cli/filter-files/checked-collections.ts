import type { Fault } from './place.ts'
import type { Member, SourceNode } from './source-node.ts'

/** Beyond measure for a map of a filter file: what comes after takes time and tells nothing. */
const MAX_MEMBERS = 64

/** Beyond measure for a file or a list in it: an organisation has 50 filters. */
const MAX_ITEMS = 1000

/** The members of a map, with a fault for each name that stood before: parsers take one of the two in silence. */
export function checkedMembers(members: readonly Member[], faults: Fault[]): readonly Member[] {
  const kept = members.slice(0, MAX_MEMBERS)
  const seen = new Set<string>()
  for (const { name, nameAt } of kept) {
    if (seen.has(name))
      faults.push({
        at: nameAt,
        message: `the key ${name.slice(0, 80)} stands twice here: take one of them out`,
      })
    seen.add(name)
  }
  const first = members[MAX_MEMBERS]
  if (first)
    faults.push({ at: first.nameAt, message: `more than ${MAX_MEMBERS} keys in one map: no filter has` })
  return kept
}

/** The items of a list, or the documents of a file, as far as there may be so many. */
export function checkedItems(items: readonly SourceNode[], faults: Fault[]): readonly SourceNode[] {
  const first = items[MAX_ITEMS]
  if (first)
    faults.push({ at: first.at, message: `more than ${MAX_ITEMS} items from here on: split the file` })
  return items.slice(0, MAX_ITEMS)
}
