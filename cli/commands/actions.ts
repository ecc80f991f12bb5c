import { Command } from 'commander'
import { DEFAULT_TIMEOUT_S } from '../bundle/build-options.ts'
import type { MakeBundle } from '../install/make-bundle.ts'
import { buildCommand } from './actions/build.ts'
import { installCommand } from './actions/install.ts'
import { lintActionsCommand } from './actions/lint.ts'
import { runCommand } from './actions/run.ts'
import { terraformCommand } from './actions/terraform.ts'
import { uninstallCommand } from './actions/uninstall.ts'

/** Loaded when it is needed: every command would wait for it otherwise. */
const makeBundle: MakeBundle = async (request) => {
  const { ourBundle } = await import('../bundle/our-bundle.ts')
  return ourBundle({ ...request, timeoutSeconds: DEFAULT_TIMEOUT_S })
}

/** `actions`: data actions as files, ours and anybody's. */
export function actionsCommand(): Command {
  const actions = new Command('actions').description(
    'data actions for Genesys Cloud: build, lint, run, install',
  )
  const commands = [
    buildCommand(),
    lintActionsCommand(),
    runCommand(),
    installCommand(makeBundle),
    uninstallCommand(makeBundle),
    terraformCommand(),
  ]
  for (const command of commands) actions.addCommand(command)
  return actions
}
