import { Command } from 'commander'
import { exportCommand } from './ledger/export.ts'
import { publishCommand } from './ledger/publish.ts'
import { rebuildTilesCommand } from './ledger/rebuild-tiles.ts'
import { verifyCommand } from './ledger/verify.ts'

/** The verbs of a ledger file. Each says in its help whether it needs a receiver to be stopped. */
export function ledgerCommand(): Command {
  const ledger = new Command('ledger').description('export, verify, publish and keep a ledger')
  for (const command of [exportCommand(), verifyCommand(), publishCommand(), rebuildTilesCommand()])
    ledger.addCommand(command)
  return ledger
}
