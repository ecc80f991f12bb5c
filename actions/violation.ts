/** One thing that is wrong with an input. A refusal lists them all. */
export interface Violation {
  /** Where: `config.thresholds.toxicity`; empty for the whole. */
  readonly path: string
  /** Which rule: stable, for programs. */
  readonly code: string
  /** For people: what is expected, and often what to do. */
  readonly message: string
}

/** `path: message`, as the flow author and the log see it. */
export function violationText({ path, message }: Violation): string {
  return path === '' ? message : `${path}: ${message}`
}

/** All of them in one line; a list beyond measure is cut. */
export function violationsMessage(violations: readonly Violation[]): string {
  return `${violations.length} violation(s): ${violations.map(violationText).join('; ')}`.slice(0, 4000)
}

/** What parsing gives: the domain type, or everything that is wrong. */
export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly violations: readonly Violation[] }
