import { Command } from 'commander'
import { buildCommand } from './actions/build.ts'
import { lintActionsCommand } from './actions/lint.ts'
import { runCommand } from './actions/run.ts'
import { terraformCommand } from './actions/terraform.ts'

/** `actions`: data actions as files, ours and anybody's. */
export function actionsCommand(): Command {
  const actions = new Command('actions').description(
    'data actions for Genesys Cloud: build, lint, run, install',
  )
  const commands = [buildCommand(), lintActionsCommand(), runCommand(), terraformCommand()]
  for (const command of commands) actions.addCommand(command)
  return actions
}
