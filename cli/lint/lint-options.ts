import { Option } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import { didYouMean } from '../nearest-word.ts'
import type { RuleWords } from './placed-finding.ts'

export type LintFormat = 'text' | 'json' | 'sarif'

/** What every lint may be asked for. */
export interface LintOptions {
  readonly format: LintFormat
  readonly ignore?: readonly string[]
  readonly docsUrl?: string
  readonly strict?: boolean
}

/** `--format`. */
export function formatOption(): Option {
  return new Option('--format <format>', 'how findings are printed')
    .choices(['text', 'json', 'sarif'])
    .default('text')
}

/** `--ignore`, which may be given again. */
export function ignoreOption(): Option {
  return new Option(
    '--ignore <rules>',
    'rules not to ask, with commas between them; may be given again',
  ).argParser(listed)
}

/** The rules as a help text has them, one in a line. */
export function rulesInHelp(rules: readonly RuleWords[]): string {
  const width = Math.max(...rules.map(({ id }) => id.length)) + 2
  return rules
    .map(({ id, severity, title }) => `  ${id.padEnd(width)}${severity.padEnd(9)}${title}`)
    .join('\n')
}

/** The items of a text with commas between them, after those of the option before. */
export function listed(text: string, before: readonly string[] | undefined): readonly string[] {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  return [...(before ?? []), ...items]
}

/** @throws CliError for a rule that there is not, or a `--docs-url` that is no URL of the web */
export function checkLintOptions(
  { ignore = [], docsUrl }: LintOptions,
  rules: readonly RuleWords[],
  page: string,
): void {
  refuseUnknownRules(
    ignore,
    rules.map(({ id }) => id),
  )
  if (docsUrl === undefined || (URL.canParse(docsUrl) && /^https?:$/.test(new URL(docsUrl).protocol))) return
  throw new CliError(
    EXIT.usage,
    `--docs-url takes a URL such as https://git.example.com/filter-ledger/docs/${page}`,
  )
}

function refuseUnknownRules(ids: readonly string[], known: readonly string[]): void {
  const unknown = ids.filter((id) => !known.includes(id))
  if (unknown.length === 0) return
  const told = unknown.map((id) => `--ignore: there is no rule ${id}${didYouMean(id, known)}`)
  throw new CliError(EXIT.usage, `${told.join('\n  ')}\n  there are: ${known.join(', ')}`)
}
