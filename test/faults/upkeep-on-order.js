// Runs the operator's commands for each order, from the built files: node upkeep-on-order.js
// An order is a line of JSON, the arguments behind `filter-ledger ledger`. It answers "ok", or "broke ERROR"; then
// "done", which it also says when it is ready.
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { createInterface } from 'node:readline'
import '../../dist/cli/expected-schema.js'
import '../../dist/ledger/archive/archive-entries.js'
import '../../dist/ledger/backup/backup-ledger.js'
import { archiveCommand } from '../../dist/cli/commands/ledger/archive.js'
import { backupCommand } from '../../dist/cli/commands/ledger/backup.js'

// Partial files have names of their own; a fault is injected by name, so here they are known beforehand.
crypto.randomUUID = () => '00000000-0000-4000-8000-000000000000'
syncBuiltinESMExports()

const COMMANDS = { archive: archiveCommand, backup: backupCommand }
const say = (text) => process.stdout.write(`${text}\n`)

say('done')
for await (const order of createInterface({ input: process.stdin })) {
  const [command, ...args] = JSON.parse(order)
  await COMMANDS[command]()
    .parseAsync(args, { from: 'user' })
    .then(
      () => say('ok'),
      (error) => say(`broke ${error}`),
    )
  say('done')
}
