import { Command } from 'commander'
import { dataPaths } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { STANDARD_OUTPUT } from '../output.ts'

interface AlarmsOptions {
  readonly db?: string
  readonly all?: boolean
  readonly json?: boolean
}

/** `alarms`: how each filter stands against its tolerance, and by its exit code whether one is beyond it. It only reads. */
export function alarmsCommand(): Command {
  return new Command('alarms')
    .description(
      'tell which filters are beyond their tolerance, and how much of its error budget each has used',
    )
    .option('--all', 'also versions that are not in force any more')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
"right" and "wrong" are reviewed interventions of the sample; 100 % of the error budget is the alarm.
The file may be that of a receiver that is running. Exit 1: a version that is in force is in alarm.
Examples:
  filter-ledger alarms
  filter-ledger alarms --json --all
  */5 * * * *  filter-ledger alarms > /dev/null || notify-the-owner     (docs/alarms.md)`,
    )
    .action(alarms)
}

async function alarms({ db, all = false, json = false }: AlarmsOptions): Promise<void> {
  const { readAlarms } = await import('../alarm/read-alarms.ts')
  const found = await readAlarms(db ?? dataPaths(process.env).database)
  const isAlarm = found.some(({ inForce, alarm }) => inForce && alarm)
  const shown = all ? found : found.filter(({ inForce }) => inForce)
  if (json) {
    const { plainJson } = await import('../history/plain-text.ts')
    STANDARD_OUTPUT.out(plainJson({ inAlarm: isAlarm, versions: shown }))
  } else {
    const { renderAlarms } = await import('../alarm/render-alarms.ts')
    STANDARD_OUTPUT.out(renderAlarms(shown))
  }
  if (isAlarm) throw new CliError(EXIT.no, '')
}
