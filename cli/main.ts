import { Command, CommanderError } from 'commander'
import { LedgerError } from '../ledger/ledger-error.ts'
import { actionsCommand } from './commands/actions.ts'
import { adviseCommand } from './commands/advise.ts'
import { alarmsCommand } from './commands/alarms.ts'
import { applyCommand } from './commands/apply.ts'
import { changeCommands } from './commands/change.ts'
import { clientCommand } from './commands/client.ts'
import { demoCommand } from './commands/demo.ts'
import { deployCommand } from './commands/deploy.ts'
import { doctorCommand } from './commands/doctor.ts'
import { historyCommand } from './commands/history.ts'
import { keysCommand } from './commands/keys.ts'
import { ledgerCommand } from './commands/ledger.ts'
import { lintCommand } from './commands/lint.ts'
import { migrateCommand } from './commands/migrate.ts'
import { planCommand } from './commands/plan.ts'
import { promoteCommand } from './commands/promote.ts'
import { rebuildCommand } from './commands/rebuild.ts'
import { reconcileCommand } from './commands/reconcile.ts'
import { reportCommand } from './commands/report.ts'
import { resumeCommand } from './commands/resume.ts'
import { reviewsCommand } from './commands/reviews.ts'
import { rollbackCommand } from './commands/rollback.ts'
import { sandboxCommand } from './commands/sandbox.ts'
import { serveCommand } from './commands/serve.ts'
import { showCommand } from './commands/show.ts'
import { tokenCommand } from './commands/token.ts'
import { verifyExportCommand } from './commands/verify-export.ts'
import { webhookCommand } from './commands/webhook.ts'
import { witnessCommand } from './commands/witness.ts'
import { CliError, EXIT } from './exit.ts'
import type { ExitCode } from './exit.ts'
import { readManifest } from './manifest.ts'
import { isCode, isMisplaced, isSystemError } from './system-error.ts'

const EXIT_HELP = `
Exit codes: 0 ok, 1 the answer is no, 2 wrong use or configuration, 3 something could not be reached.`

async function main(argv: readonly string[]): Promise<ExitCode> {
  const program = new Command('filter-ledger')
    .description(
      'Deploys LLM safety filters to Genesys Cloud and keeps what happens to them in a provable ledger.',
    )
    .version(readManifest().version)
    .addHelpText('after', EXIT_HELP)
    .showHelpAfterError('(--help tells how)')
  const commands = [
    serveCommand(),
    sandboxCommand(),
    demoCommand(),
    planCommand(),
    applyCommand(),
    deployCommand(),
    ...changeCommands(),
    rollbackCommand(),
    promoteCommand(),
    adviseCommand(),
    lintCommand(),
    actionsCommand(),
    reconcileCommand(),
    reportCommand(),
    resumeCommand(),
    reviewsCommand(),
    historyCommand(),
    showCommand(),
    alarmsCommand(),
    ledgerCommand(),
    verifyExportCommand(),
    witnessCommand(),
    webhookCommand(),
    tokenCommand(),
    clientCommand(),
    keysCommand(),
    migrateCommand(),
    rebuildCommand(),
    doctorCommand(),
  ]
  for (const command of commands) program.addCommand(command)
  throwInsteadOfExit(program)
  try {
    await program.parseAsync(argv)
    return EXIT.ok
  } catch (error) {
    return exitCode(argv, report(error), error)
  }
}

/** Of a plan, 2 means changes: a wrong use has to be told apart, so that a script can. */
function exitCode(argv: readonly string[], code: ExitCode, error: unknown): ExitCode {
  const isAnswer = error instanceof CliError && error.message === ''
  const isPlan = argv[2] === 'plan' || (argv[2] === 'actions' && argv.includes('--plan'))
  return isPlan && code === EXIT.usage && !isAnswer ? EXIT.no : code
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) throwInsteadOfExit(child)
}

/** One readable line for what a person can mend; a stack for what only we can. */
function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  if (error instanceof CliError) {
    // An answer of "no" that was printed already has no message of its own.
    if (error.message !== '') process.stderr.write(`filter-ledger: ${error.message}\n`)
    return error.code
  }
  if (error instanceof LedgerError) {
    process.stderr.write(`filter-ledger: ${error.message} [${error.code}]\n`)
    return error.retryable || error.code === 'ledger-in-use' ? EXIT.unreachable : EXIT.usage
  }
  if (isSystemError(error)) {
    process.stderr.write(`filter-ledger: ${error.message}\n`)
    return isMisplaced(error) ? EXIT.usage : EXIT.unreachable
  }
  process.stderr.write(
    `filter-ledger: unexpected error\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  return EXIT.unreachable
}

/** Whoever closed the pipe had enough: the command goes on to its end, in silence. */
function watchOutput(): void {
  let isTold = false
  process.stdout.on('error', (error: Error) => {
    if (isTold || isCode(error, 'EPIPE') || isCode(error, 'ERR_STREAM_DESTROYED')) return
    isTold = true
    process.stderr.write(`filter-ledger: standard output cannot be written: ${error.message}\n`)
    process.once('exit', () => {
      process.exitCode = EXIT.unreachable
    })
  })
  process.stderr.on('error', () => undefined)
}

watchOutput()
process.exitCode = await main(process.argv)
