import { isDataAction } from '../../bundle/definition/parse-data-action.ts'
import { problemAt } from '../filter-files/filters-in-file.ts'
import { findFiles } from '../filter-files/find-files.ts'
import type { FoundFile } from '../filter-files/find-files.ts'
import { jsonTree } from '../filter-files/json-tree.ts'
import { placesOf } from '../filter-files/place.ts'
import type { Place } from '../filter-files/place.ts'
import { ACTION_SOURCE } from '../filter-files/source-kind.ts'
import { follow, valueOf } from '../filter-files/source-node.ts'
import type { SourceNode } from '../filter-files/source-node.ts'
import { decodeSource } from '../filter-files/source-text.ts'
import { textOffset } from '../filter-files/text-offset.ts'

/** A JSON value that means to be a data action, and where it was read. It may be wrong in any other way. */
export interface ActionFile {
  /** The file as it was named, or `<stdin>`. */
  readonly file: string
  readonly value: unknown
  /**
   * The place of a member by its path, `config.request.headers.Accept`; with `at`, of a character of its text. Of what
   * is missing, the place of what it is missing in.
   */
  readonly locate: (path: string, at?: number) => Place
}

export interface ActionFiles {
  readonly actions: readonly ActionFile[]
  /** `file:line:column: message` for each file that cannot be read or holds no data action. */
  readonly problems: readonly string[]
  /** Files of a folder that hold JSON and no data action. */
  readonly passedOver: readonly string[]
}

/**
 * Reads data actions: a file each, `-` for standard input, and of a folder every *.json below it that holds one. What
 * cannot be read keeps nothing else from being read.
 */
export function readActionFiles(paths: readonly string[]): ActionFiles {
  const found = findFiles(paths, ACTION_SOURCE)
  const problems: string[] = [...found.problems]
  const passedOver: string[] = []
  const actions = found.files.flatMap((file): readonly ActionFile[] => {
    const read = actionIn(file)
    problems.push(...read.problems)
    if (!read.action || isDataAction(read.action.value)) return read.action ? [read.action] : []
    const isNamed = paths.includes(file.file) || file.file.startsWith('<')
    if (isNamed) problems.push(problemAt(file.file, read.action.locate(''), NO_ACTION))
    else passedOver.push(file.file)
    return []
  })
  if (actions.length === 0 && problems.length === 0)
    problems.push(`no data action is in ${paths.join(', ')}: name the folder of the exports, or a file`)
  return { actions, problems, passedOver }
}

const NO_ACTION =
  'this is no data action: it has neither config nor contract. Name a file that was exported from Genesys Cloud'

interface ReadAction {
  readonly action: ActionFile | undefined
  readonly problems: readonly string[]
}

function actionIn({ file, bytes }: FoundFile): ReadAction {
  const source = decodeSource(bytes, ACTION_SOURCE)
  const placeAt = placesOf(source.text)
  const { trees, faults } = source.ok
    ? jsonTree(source.text, ACTION_SOURCE)
    : { trees: [], faults: [source.fault] }
  const problems = faults.map(({ at, message }) => problemAt(file, placeAt(at), message))
  const [tree] = trees
  if (!tree || problems.length > 0) return { action: undefined, problems }
  const locate = (path: string, at?: number): Place => placeAt(offsetOf(tree, source.text, path, at))
  return { action: { file, value: valueOf(tree), locate }, problems }
}

function offsetOf(tree: SourceNode, text: string, path: string, at: number | undefined): number {
  const { node, isWhole } = follow(tree, path)
  const isText = node.kind === 'scalar' && typeof node.value === 'string'
  return at !== undefined && isWhole && isText ? textOffset(text, node.at, at) : node.at
}
