import { Command } from 'commander'
import { archiveCommand } from './ledger/archive.ts'
import { backupCommand } from './ledger/backup.ts'
import { eraseCommand } from './ledger/erase.ts'
import { exportCommand } from './ledger/export.ts'
import { publishCommand } from './ledger/publish.ts'
import { rebuildTilesCommand } from './ledger/rebuild-tiles.ts'
import { restoreCommand } from './ledger/restore.ts'
import { verifyCommand } from './ledger/verify.ts'

/** The verbs of a ledger file. Each says in its help whether it needs a receiver to be stopped. */
export function ledgerCommand(): Command {
  const ledger = new Command('ledger').description('export, verify, publish and keep a ledger')
  const commands = [
    exportCommand(),
    verifyCommand(),
    publishCommand(),
    backupCommand(),
    restoreCommand(),
    archiveCommand(),
    eraseCommand(),
    rebuildTilesCommand(),
  ]
  for (const command of commands) ledger.addCommand(command)
  return ledger
}
