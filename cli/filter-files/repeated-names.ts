import type { Fault } from './place.ts'
import type { Member } from './source-node.ts'

/** A fault for each member whose name stood before in the same map: parsers take one of them in silence. */
export function repeatedNames(members: readonly Pick<Member, 'name' | 'nameAt'>[]): readonly Fault[] {
  const seen = new Set<string>()
  return members.flatMap(({ name, nameAt }) => {
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    return [{ at: nameAt, message: `the key ${name.slice(0, 80)} stands twice here: take one of them out` }]
  })
}
