import { lintDataAction } from '../../bundle/lint/lint-data-action.ts'
import { isMembers, memberOf } from '../../bundle/definition/json-value.ts'
import type { Finding } from '../../bundle/lint/lint-data-action.ts'
import type { PlacedFinding } from '../lint/placed-finding.ts'
import type { ActionFile } from './read-action-files.ts'

/** A finding on a data action, and where its file says what it is about. */
export interface ActionFinding extends PlacedFinding {
  /** What to do; the message of the line ends with it. */
  readonly fix: string
}

/** A name has 256 characters at most, and a line of a terminal fewer. */
const SHOWN_NAME = 80

/** Lints data actions that were read from files. In the order of the files, and of the places in each. */
export function lintActionFiles(files: readonly ActionFile[]): readonly ActionFinding[] {
  return files.flatMap((file) =>
    lintDataAction(file.value)
      .map((finding) => placed(file, finding))
      .toSorted((a, b) => a.line - b.line || a.column - b.column),
  )
}

function placed({ file, value, locate }: ActionFile, finding: Finding): ActionFinding {
  const { ruleId, severity, path, at, message, fix } = finding
  const subject = subjectOf(value)
  return { ruleId, severity, subject, path, message, fix, file, ...locate(path, at) }
}

function subjectOf(value: unknown): string {
  const name = isMembers(value) ? memberOf(value, 'name') : undefined
  if (typeof name !== 'string' || name.trim() === '') return '(no name)'
  return name.length > SHOWN_NAME ? `${name.slice(0, SHOWN_NAME)}...` : name
}

/** As every lint tells its findings: what to do stands at the end of the message. */
export function withFix({ fix, ...finding }: ActionFinding): PlacedFinding {
  return { ...finding, message: `${finding.message}: ${fix}` }
}
