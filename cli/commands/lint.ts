import { Command, Option } from 'commander'
import { RULES } from '../../actions/lint/lint-filters.ts'
import { CliError, EXIT } from '../exit.ts'
import { fileOption, givenFiles } from '../filter-files/file-option.ts'
import { readFilterFiles } from '../filter-files/read-filter-files.ts'
import { findingLine, lintFilterFiles } from '../lint/located-finding.ts'
import type { LocatedFinding } from '../lint/located-finding.ts'
import { ruleHelp } from '../lint/rule-help.ts'
import { sarifLog } from '../lint/sarif.ts'
import { readManifest } from '../manifest.ts'
import { didYouMean } from '../nearest-word.ts'
import { STANDARD_OUTPUT } from '../output.ts'

interface LintOptions {
  readonly file?: readonly string[]
  readonly format: 'text' | 'json' | 'sarif'
  readonly ignore?: readonly string[]
  readonly live?: readonly string[]
  readonly docsUrl?: string
  readonly strict?: boolean
}

const HELP = `
Rules:
${RULES.map(({ id, severity, title }) => `  ${id.padEnd(28)}${severity.padEnd(9)}${title}`).join('\n')}

Exit code: 0 no error, 1 an error (with --strict: or a warning), 2 a file that cannot be read or breaks the
rules of a filter. The folder docs/ of this package has a page on the rules, lint.md.

Examples:
  filter-ledger lint -f examples/filters
  filter-ledger lint -f filters --ignore tolerance-zero --format sarif > lint.sarif`

/** `lint -f PATH`: what a reviewer would ask about filters, without a network and without a ledger. */
export function lintCommand(): Command {
  return new Command('lint')
    .description('look at filter files for what the contract allows and a reviewer would not')
    .addOption(fileOption())
    .addOption(
      new Option('--format <format>', 'how findings are printed')
        .choices(['text', 'json', 'sarif'])
        .default('text'),
    )
    .option('--ignore <rules>', 'rules not to ask, with commas between them; may be given again', listed)
    .option('--live <names>', 'names of filters that are live already, with commas between them', listed)
    .option('--docs-url <url>', 'with sarif: where docs/lint.md is published, for links to it')
    .option('--strict', 'a warning counts as an error')
    .addHelpText('after', HELP)
    .action((options: LintOptions) => lint(options))
}

function lint(options: LintOptions): void {
  const { file, ignore = [], live, strict } = options
  refuseUnknownRules(ignore)
  refuseWrongUrl(options.docsUrl)
  const filters = readFilterFiles(givenFiles(file), { equalPriorities: 'allow' })
  const findings = lintFilterFiles(filters, live ? { live } : {}).filter(
    ({ ruleId }) => !ignore.includes(ruleId),
  )
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const counts = { filters: filters.length, errors, warnings: findings.length - errors }
  print(findings, counts, options)
  if (errors > 0 || (strict === true && findings.length > 0)) throw new CliError(EXIT.no, '')
}

interface Counts {
  readonly filters: number
  readonly errors: number
  readonly warnings: number
}

function print(
  findings: readonly LocatedFinding[],
  counts: Counts,
  { format, ignore = [], docsUrl }: LintOptions,
): void {
  const { out, err } = STANDARD_OUTPUT
  switch (format) {
    case 'text':
      for (const finding of findings) out(findingLine(finding))
      err(`${counts.filters} filter(s), ${counts.errors} error(s), ${counts.warnings} warning(s)`)
      return
    case 'json':
      out(JSON.stringify({ ...counts, findings }))
      return
    case 'sarif': {
      const log = sarifLog({
        findings,
        rules: RULES.filter(({ id }) => !ignore.includes(id)),
        version: readManifest().version,
        help: ruleHelp(),
        ...(docsUrl !== undefined && { docsUrl: new URL(docsUrl) }),
        root: process.cwd(),
      })
      out(JSON.stringify(log, null, 2))
      return
    }
  }
}

function refuseWrongUrl(url: string | undefined): void {
  if (url === undefined || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) return
  throw new CliError(
    EXIT.usage,
    '--docs-url takes a URL such as https://git.example.com/filter-ledger/docs/lint.md',
  )
}

function listed(text: string, before: readonly string[] | undefined): readonly string[] {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  return [...(before ?? []), ...items]
}

function refuseUnknownRules(ids: readonly string[]): void {
  const known = RULES.map(({ id }) => id)
  const unknown = ids.filter((id) => !known.includes(id))
  if (unknown.length === 0) return
  const told = unknown.map((id) => `--ignore: there is no rule ${id}${didYouMean(id, known)}`)
  throw new CliError(EXIT.usage, `${told.join('\n  ')}\n  there are: ${known.join(', ')}`)
}
