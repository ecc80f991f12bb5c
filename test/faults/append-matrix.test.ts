import { rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { removeTempFolders } from '../support/temp-ledger.ts'
import { checkAfterFault, readAcknowledged } from './after-fault.ts'
import { crashedLedger } from './crashed-ledger.ts'
import type { PlaceLedger } from './crashed-ledger.ts'
import { describeWithStrace, runMatrix, sayMatrix } from './fault-matrix.ts'
import type { MatrixReport } from './fault-matrix.ts'
import { EFFECTS, injecting, readWriteCalls, realTempFolder, tracing, wasInjected } from './strace.ts'
import type { Fault } from './strace.ts'
import { startWarmProcess } from './warm-process.ts'
import type { WarmProcess } from './warm-process.ts'

/** A ledger, if there is one yet, and what is then appended to it. */
interface Run {
  readonly place: PlaceLedger
  /** Of three entries each. */
  readonly commits: number
}

const SCRIPT = 'append-on-order.js'

const writers: (WarmProcess | undefined)[] = []
const reports: MatrixReport[] = []

describeWithStrace()('an append at whose every write the process is killed, or the disk fails,', () => {
  afterAll(async () => {
    sayMatrix('appends', reports)
    for (const writer of writers) await writer?.end()
    removeTempFolders()
  })

  test('leaves a new ledger whole, with all that was acknowledged', async () => {
    await survive({ place: () => new Map(), commits: 1 }, 300)
  }, 600_000)

  test('leaves a ledger whole that was taken up after a crash, and that fills a tile', async () => {
    await survive({ place: await crashedLedger(251), commits: 2 }, 200)
  }, 600_000)
})

/** Every effect at every write of a run that nothing disturbs. */
async function faultsOf({ place, commits }: Run): Promise<readonly Fault[]> {
  const folder = realTempFolder()
  const [file, log] = [join(folder, 'ledger.db'), join(folder, 'trace')]
  const before = place(file)
  const writer = await startWarmProcess(SCRIPT)
  const lines = await writer.run(`${commits} ${file}`, tracing(log))
  await writer.end()
  expect(readAcknowledged(lines, before).size).toBe(before.size + commits * 3)
  const calls = readWriteCalls(log, folder)
  return EFFECTS.flatMap((effect) => calls.map((call) => ({ ...call, effect })))
}

async function survive(run: Run, atLeast: number): Promise<void> {
  const faults = await faultsOf(run)
  expect(faults.length).toBeGreaterThan(atLeast)
  const report = await runMatrix(faults, (fault, lane) => surviveOne(run, fault, lane))
  reports.push(report)
  expect(report.failures).toEqual([])
}

async function surviveOne({ place, commits }: Run, fault: Fault, lane: number): Promise<void> {
  const folder = realTempFolder()
  const [file, log] = [join(folder, 'ledger.db'), join(folder, 'trace')]
  // `-wal` and the like of this row's own file.
  const path = file + basename(fault.path).slice(basename(file).length)
  const before = place(file)
  const writer = (writers[lane] ??= await startWarmProcess(SCRIPT))
  const lines = await writer.run(`${commits} ${file}`, injecting({ ...fault, path }, log))
  if (!writer.isAlive()) writers[lane] = undefined
  else if (!wasInjected(log)) throw new Error('the fault was not reached')
  const said = readAcknowledged(lines, before)
  if (writer.isAlive() && said.size < before.size + commits * 3)
    throw new Error(`after one failed call, asking again did not help: ${lines.join(', ')}`)
  await checkAfterFault(file, said)
  rmSync(folder, { recursive: true })
}
