import { parseFilter } from '../../actions/filter/filter-payload.ts'
import type { FilterSpec } from '../../actions/filter/filter-spec.ts'
import { didYouMean } from '../nearest-word.ts'
import { oneLine } from '../one-line.ts'
import { explainViolations } from './explain-violation.ts'
import type { FoundFile } from './find-files.ts'
import { jsonTree } from './json-tree.ts'
import type { ReadTrees } from './json-tree.ts'
import { placesOf } from './place.ts'
import type { Fault, Place } from './place.ts'
import { follow, valueOf } from './source-node.ts'
import type { Member, SourceNode } from './source-node.ts'
import { decodeSource } from './source-text.ts'
import { yamlTrees } from './yaml-trees.ts'

/** A filter as it stands in a file. */
export interface WrittenFilter {
  readonly file: string
  /** As it was written; it may break rules. */
  readonly payload: unknown
  /** Undefined when it breaks rules: the problems of its file tell them. */
  readonly spec: FilterSpec | undefined
  /** The place of a value, by its path; of what is missing, the place of what it is missing in. */
  readonly locate: (path: string) => Place
}

export interface ReadFile {
  readonly filters: readonly WrittenFilter[]
  /** `file:line:column: message`, in the order of their places. */
  readonly problems: readonly string[]
}

/** The filters that a file holds, and all that is wrong with it. */
export function filtersInFile({ file, bytes }: FoundFile): ReadFile {
  const source = decodeSource(bytes)
  const placeAt = placesOf(source.text)
  const read = source.ok ? readTrees(file, source.text) : { trees: [], faults: [source.fault] }
  const faults: Fault[] = [...read.faults]
  const knownAt = new Set(read.faults.map(({ at }) => at))
  const filters = filterNodes(read.trees, faults).map((node): WrittenFilter => {
    const payload = valueOf(node)
    const parsed = parseFilter(payload)
    if (!parsed.ok) faults.push(...explainViolations(node, parsed.violations, knownAt))
    const locate = (path: string): Place => placeAt(follow(node, path).node.at)
    return { file, payload, spec: parsed.ok ? parsed.value : undefined, locate }
  })
  if (filters.length === 0 && faults.length === 0)
    faults.push({ at: 0, message: 'no filter is in this file: take the file away, or write one' })
  const problems = faults
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, message }) => problemAt(file, placeAt(at), message))
  return { filters, problems }
}

/** One line about a place in a file, as editors and compilers write it. No control character of the file is in it. */
export function problemAt(file: string, { line, column }: Place, message: string): string {
  return oneLine(`${file}:${line}:${column}: ${message}`)
}

/** By the name of the file; where it does not tell, what is JSON is read as JSON. */
function readTrees(file: string, text: string): ReadTrees {
  if (/\.ya?ml$/i.test(file)) return yamlTrees(text)
  const json = jsonTree(text)
  return /\.json$/i.test(file) || json.trees.length > 0 ? json : yamlTrees(text)
}

/** One filter, a list of them, or a map that has the list under `filters`; in each document of the file. */
function filterNodes(trees: readonly SourceNode[], faults: Fault[]): readonly SourceNode[] {
  return trees.flatMap((tree) => {
    if (tree.kind === 'list') return tree.items
    const list = tree.kind === 'map' ? tree.members.find(({ name }) => name === 'filters') : undefined
    return tree.kind === 'map' && list ? listedFilters(list, tree.members, faults) : [tree]
  })
}

function listedFilters(list: Member, members: readonly Member[], faults: Fault[]): readonly SourceNode[] {
  for (const { name, nameAt } of members.filter((member) => member.name !== 'filters'))
    faults.push({
      at: nameAt,
      message: `${name.slice(0, 80)}: there is no such key beside filters${didYouMean(name, ['filters'])}`,
    })
  if (list.node.kind === 'list') return list.node.items
  faults.push({ at: list.node.at, message: 'filters: a list of filters is expected' })
  return []
}
