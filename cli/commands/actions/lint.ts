import { Command } from 'commander'
import { RULES } from '../../../bundle/lint/rules.ts'
import type { ActionFinding } from '../../action-files/lint-action-files.ts'
import { CliError, EXIT } from '../../exit.ts'
import { checkLintOptions, formatOption, ignoreOption, rulesInHelp } from '../../lint/lint-options.ts'
import type { LintOptions } from '../../lint/lint-options.ts'
import { printFindings } from '../../lint/print-findings.ts'
import type { Linted, LintResult } from '../../lint/print-findings.ts'
import { STANDARD_OUTPUT } from '../../output.ts'

const DATA_ACTIONS: Linted = { rules: RULES, page: 'data-action-lint.md', tag: 'data-action' }

const HELP = `
Rules:
${rulesInHelp(RULES)}

Exit code: 0 no error, 1 an error (with --strict: or a warning), 2 a file that cannot be read or is no data
action; what could be read is linted all the same. The folder docs/ of this package has a page on the rules,
data-action-lint.md.

Examples:
  filter-ledger actions lint Get-Order.custom.json
  filter-ledger actions lint exports --ignore unescaped-url-input --format sarif > lint.sarif`

/** `actions lint FILE…`: what an export of a data action gets wrong, without a network and without an organisation. */
export function lintActionsCommand(): Command {
  return new Command('lint')
    .description('look at data actions, ours or others, for what breaks or surprises')
    .argument('<files...>', 'exports or API bodies: files, folders of them, or - for standard input')
    .addOption(formatOption())
    .addOption(ignoreOption())
    .option('--docs-url <url>', 'with sarif: where docs/data-action-lint.md is published, for links to it')
    .option('--strict', 'a warning counts as an error; a note never does')
    .addHelpText('after', HELP)
    .action((paths: readonly string[], options: LintOptions) => lint(paths, options))
}

async function lint(paths: readonly string[], options: LintOptions): Promise<void> {
  const { ignore = [], strict } = options
  checkLintOptions(options, RULES, DATA_ACTIONS.page)
  const { readActionFiles } = await import('../../action-files/read-action-files.ts')
  const { lintActionFiles, withFix } = await import('../../action-files/lint-action-files.ts')
  const { actions, problems, passedOver } = readActionFiles(paths)
  const findings = lintActionFiles(actions).filter(({ ruleId }) => !ignore.includes(ruleId))
  const counts = countsOf(actions.length, findings)
  printFindings(resultOf(counts, findings, findings.map(withFix), passedOver.length), DATA_ACTIONS, options)
  for (const problem of problems) STANDARD_OUTPUT.err(problem)
  if (problems.length > 0) throw new CliError(EXIT.usage, '')
  if (counts.errors > 0 || (strict === true && counts.warnings > 0)) throw new CliError(EXIT.no, '')
}

interface Counts {
  readonly actions: number
  readonly errors: number
  readonly warnings: number
  readonly notes: number
}

function countsOf(actions: number, findings: readonly ActionFinding[]): Counts {
  const count = (wanted: string): number => findings.filter(({ severity }) => severity === wanted).length
  return { actions, errors: count('error'), warnings: count('warning'), notes: count('note') }
}

function resultOf(
  counts: Counts,
  findings: readonly ActionFinding[],
  told: LintResult['findings'],
  passedOver: number,
): LintResult {
  const { actions, errors, warnings, notes } = counts
  const left = passedOver > 0 ? `; ${passedOver} other JSON file(s) passed over` : ''
  return {
    findings: told,
    json: { ...counts, findings },
    summary: `${actions} data action(s), ${errors} error(s), ${warnings} warning(s), ${notes} note(s)${left}`,
  }
}
