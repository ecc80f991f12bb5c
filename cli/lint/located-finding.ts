import { lintFilters } from '../../actions/lint/lint-filters.ts'
import type { Finding } from '../../actions/lint/lint-filters.ts'
import type { LintContext } from '../../actions/lint/rule.ts'
import type { Place } from '../filter-files/place.ts'
import type { FilterFile } from '../filter-files/read-filter-files.ts'
import type { PlacedFinding } from './placed-finding.ts'

/** A finding, and where the filter says what it is about. */
export interface LocatedFinding extends Finding, Place {
  readonly file: string
}

/** Lints filters that were read from files. In the order of the files, and of the places in each. */
export function lintFilterFiles(
  filters: readonly FilterFile[],
  context: LintContext = {},
): readonly LocatedFinding[] {
  const byName = new Map(filters.map((filter) => [filter.spec.name, filter]))
  const order = [...new Set(filters.map(({ file }) => file))]
  return lintFilters(
    filters.map(({ spec }) => spec),
    context,
  )
    .flatMap((finding): readonly LocatedFinding[] => {
      const filter = byName.get(finding.filter)
      return filter ? [{ ...finding, file: filter.file, ...filter.locate(finding.path) }] : []
    })
    .toSorted(
      (a, b) => order.indexOf(a.file) - order.indexOf(b.file) || a.line - b.line || a.column - b.column,
    )
}

/** As every lint tells its findings: here, the filter is what they are about. */
export function placedFinding({ filter, ...finding }: LocatedFinding): PlacedFinding {
  return { ...finding, subject: filter }
}
