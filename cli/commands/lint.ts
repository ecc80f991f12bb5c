import { Command } from 'commander'
import { RULES } from '../../actions/lint/lint-filters.ts'
import { CliError, EXIT } from '../exit.ts'
import { fileOption, givenFiles } from '../filter-files/file-option.ts'
import { checkLintOptions, formatOption, ignoreOption, listed, rulesInHelp } from '../lint/lint-options.ts'
import type { LintOptions } from '../lint/lint-options.ts'
import { lintFilterFiles, placedFinding } from '../lint/located-finding.ts'
import { printFindings } from '../lint/print-findings.ts'
import type { Linted } from '../lint/print-findings.ts'

interface FilterLintOptions extends LintOptions {
  readonly file?: readonly string[]
  readonly live?: readonly string[]
}

const FILTERS: Linted = { rules: RULES, page: 'lint.md', tag: 'safety-filter' }

const HELP = `
Rules:
${rulesInHelp(RULES)}

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
    .addOption(formatOption())
    .addOption(ignoreOption())
    .option('--live <names>', 'names of filters that are live already, with commas between them', listed)
    .option('--docs-url <url>', 'with sarif: where docs/lint.md is published, for links to it')
    .option('--strict', 'a warning counts as an error')
    .addHelpText('after', HELP)
    .action((options: FilterLintOptions) => lint(options))
}

async function lint(options: FilterLintOptions): Promise<void> {
  const { file, ignore = [], live, strict } = options
  checkLintOptions(options, RULES, FILTERS.page)
  const { readFilterFiles } = await import('../filter-files/read-filter-files.ts')
  const filters = readFilterFiles(givenFiles(file), { equalPriorities: 'allow' })
  const findings = lintFilterFiles(filters, live ? { live } : {}).filter(
    ({ ruleId }) => !ignore.includes(ruleId),
  )
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.length - errors
  const result = {
    findings: findings.map(placedFinding),
    json: { filters: filters.length, errors, warnings, findings },
    summary: `${filters.length} filter(s), ${errors} error(s), ${warnings} warning(s)`,
  }
  printFindings(result, FILTERS, options)
  if (errors > 0 || (strict === true && findings.length > 0)) throw new CliError(EXIT.no, '')
}
