import type { Place } from '../filter-files/place.ts'
import { oneLine } from '../one-line.ts'

/** What a lint found in a file, whatever the file holds. */
export interface PlacedFinding extends Place {
  readonly file: string
  readonly ruleId: string
  readonly severity: 'error' | 'warning' | 'note'
  /** The name of what it was found in: of the filter, or the data action. */
  readonly subject: string
  /** The member, by its path. */
  readonly path: string
  /** What is wrong, and what to do. */
  readonly message: string
}

/** What is told of a rule, whatever it looks at. */
export interface RuleWords {
  readonly id: string
  readonly severity: PlacedFinding['severity']
  readonly title: string
  readonly why: string
}

/** `file:line:column severity rule-id subject: message`, as editors and compilers write it. */
export function findingLine(finding: PlacedFinding): string {
  const { file, line, column, severity, ruleId, subject, message } = finding
  return oneLine(`${file}:${line}:${column} ${severity} ${ruleId} ${subject}: ${message}`)
}
