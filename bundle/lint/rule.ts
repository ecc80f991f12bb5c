import type { ParsedDataAction } from '../definition/parse-data-action.ts'
import type { DeclaredInput } from './inputs.ts'
import type { TemplateMember } from './templates.ts'

/**
 * `error`: the platform refuses it, or a call fails for sure. `warning`: some calls fail, or send what nobody meant.
 * `note`: it works, and is not what it looks like.
 */
export type Severity = 'error' | 'warning' | 'note'

/** What a rule saw in a data action. */
export interface Observation {
  /** The member of the file: `config.request.headers.Authorization`; one that is missing, by where it would stand. */
  readonly path: string
  /** Where in the text of that member, in UTF-16 units from its beginning. */
  readonly at?: number
  /** What is wrong. It holds no secret of the file. */
  readonly message: string
  /** What to do. */
  readonly fix: string
  /** Where this one is worse, or less bad, than the rule says. */
  readonly severity?: Severity
}

/** What a rule looks at. */
export interface LintSubject extends Pick<
  ParsedDataAction,
  'action' | 'form' | 'filledIn' | 'timeoutSeconds'
> {
  readonly templates: readonly TemplateMember[]
  readonly inputs: readonly DeclaredInput[]
}

/** A rule on data actions. */
export interface Rule {
  /** Stable: it is what `--ignore` names, and its heading in docs/data-action-lint.md. */
  readonly id: string
  readonly severity: Severity
  readonly title: string
  /** Why it is a rule, in a sentence or two. */
  readonly why: string
  readonly check: (subject: LintSubject) => readonly Observation[]
}
