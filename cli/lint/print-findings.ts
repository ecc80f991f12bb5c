import { readManifest } from '../manifest.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import type { LintOptions } from './lint-options.ts'
import { findingLine } from './placed-finding.ts'
import type { PlacedFinding, RuleWords } from './placed-finding.ts'
import { ruleHelp } from './rule-help.ts'
import { sarifLog } from './sarif.ts'

export interface LintResult {
  readonly findings: readonly PlacedFinding[]
  /** What is printed for `--format json`. */
  readonly json: object
  /** One line on all of it, for people. */
  readonly summary: string
}

/** What a lint looks at. */
export interface Linted {
  readonly rules: readonly RuleWords[]
  /** The page of docs/ on the rules. */
  readonly page: string
  /** What the findings are on, for code scanning services. */
  readonly tag: string
}

/** Prints what was found, in the format that was asked for. */
export function printFindings(
  { findings, json, summary }: LintResult,
  { rules, page, tag }: Linted,
  { format, ignore = [], docsUrl }: LintOptions,
): void {
  const { out, err } = STANDARD_OUTPUT
  switch (format) {
    case 'text':
      for (const finding of findings) out(findingLine(finding))
      err(summary)
      return
    case 'json':
      out(JSON.stringify(json))
      return
    case 'sarif': {
      const log = sarifLog({
        findings,
        rules: rules.filter(({ id }) => !ignore.includes(id)),
        version: readManifest().version,
        help: ruleHelp(page),
        tag,
        ...(docsUrl !== undefined && { docsUrl: new URL(docsUrl) }),
        root: process.cwd(),
      })
      out(JSON.stringify(log, null, 2))
      return
    }
  }
}
