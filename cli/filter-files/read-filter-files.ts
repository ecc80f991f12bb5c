import type { FilterSpec } from '../../actions/filter/filter-spec.ts'
import { CliError, EXIT } from '../exit.ts'
import { checkSet } from './check-set.ts'
import { filtersInFile } from './filters-in-file.ts'
import type { WrittenFilter } from './filters-in-file.ts'
import { findFiles } from './find-files.ts'
import type { Place } from './place.ts'

/** A filter that keeps the rules of the contract, and where it was read. */
export interface FilterFile {
  readonly spec: FilterSpec
  /** As it was written, before names were normalised and defaults filled. */
  readonly payload: unknown
  /** The file as it was named, or `<stdin>`. */
  readonly file: string
  /**
   * The place of a value by its path, from 1: `locate('config.thresholds.pii')`. Of what is not written there, the
   * place of what it would stand in. A category is named by itself: `config.content_categories.pii`.
   */
  readonly locate: (path: string) => Place
}

export interface ReadFilterFilesOptions {
  /** Whether two filters may ask for one priority: the lint tells it in its own way. Default `refuse`. */
  readonly equalPriorities?: 'refuse' | 'allow'
}

/** More would not be read. */
const TOLD_AT_ONCE = 100

/**
 * Reads the filters that files and folders hold, in the order of their names: JSON or YAML 1.2, one filter, a list,
 * or `{"filters": […]}`. All that is wrong in all of them is told at once, and then nothing is given.
 *
 * @param paths files, folders, and `-` for standard input
 * @throws CliError with one line for each problem: `file:line:column: message`
 */
export function readFilterFiles(
  paths: readonly string[],
  { equalPriorities = 'refuse' }: ReadFilterFilesOptions = {},
): readonly FilterFile[] {
  const found = findFiles(paths)
  const read = found.files.map(filtersInFile)
  const filters = read.flatMap((file) => file.filters)
  const problems = [
    ...found.problems,
    ...read.flatMap((file) => file.problems),
    ...checkSet(filters, { equalPriorities }),
  ]
  if (problems.length > 0) throw new CliError(EXIT.usage, tell(problems))
  return filters.flatMap(whole)
}

function whole({ spec, ...filter }: WrittenFilter): readonly FilterFile[] {
  return spec ? [{ ...filter, spec }] : []
}

function tell(problems: readonly string[]): string {
  const told = problems.slice(0, TOLD_AT_ONCE)
  const more = problems.length > told.length ? [`and ${problems.length - told.length} more`] : []
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  return [`the filter files have ${count}, and nothing was done:`, ...told, ...more].join('\n  ')
}
