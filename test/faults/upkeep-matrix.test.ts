import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { archiveEntries } from '../../ledger/archive/archive-entries.ts'
import { backupLedger } from '../../ledger/backup/backup-ledger.ts'
import { expectedSchema } from '../../cli/expected-schema.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { openTempLedger, removeTempFolders, TEST_SIGNER } from '../support/temp-ledger.ts'
import { checkAfterFault, checkWhole } from './after-fault.ts'
import type { Acknowledged } from './after-fault.ts'
import { crashedLedger } from './crashed-ledger.ts'
import type { PlaceLedger } from './crashed-ledger.ts'
import { describeWithStrace, runMatrix, sayMatrix } from './fault-matrix.ts'
import type { MatrixReport } from './fault-matrix.ts'
import { injecting, readWriteCalls, realTempFolder, tracing } from './strace.ts'
import type { Fault } from './strace.ts'
import { startWarmProcess } from './warm-process.ts'

/** Where a run reads and writes; every row has a folder of its own. */
interface Places {
  readonly folder: string
  readonly file: string
  readonly copies: string
  readonly copy: string
  readonly archive: string
}

/** A command of the operator's, and what must hold when it was killed. */
interface Upkeep {
  readonly args: (places: Places) => readonly string[]
  readonly place: PlaceLedger
  readonly check: (places: Places, said: Acknowledged) => Promise<void>
}

const SCRIPT = 'upkeep-on-order.js'

const reports: MatrixReport[] = []

describeWithStrace()('kill -9 at every write', () => {
  afterAll(() => {
    sayMatrix('backups and archives', reports)
    removeTempFolders()
  })

  test('of a backup leaves the ledger whole, and a whole copy or none; the next backup is made', async () => {
    const schema = await expectedSchema()
    await survive({
      args: ({ file, copy }) => ['backup', copy, '--db', file],
      place: await crashedLedger(3),
      check: async ({ file, copy }, said) => {
        await checkWhole(file, said)
        if (!existsSync(copy)) await backupLedger({ file, destination: copy, migrations: MIGRATIONS, schema })
        await checkWhole(copy, said)
        await checkAfterFault(file, said)
      },
    })
  }, 600_000)

  test('of an archive leaves every entry readable, in the ledger or in the files; the next run finishes it', async () => {
    await survive({
      args: ({ file, archive }) => ['archive', '--before', '256', '--to', archive, '--db', file],
      place: await crashedLedger(256),
      check: async ({ file, archive }, said) => {
        await checkWhole(file, said)
        await finishArchive(file, archive)
        await checkAfterFault(file, said)
      },
    })
  }, 600_000)
})

async function finishArchive(file: string, folder: string): Promise<void> {
  const ledger = await openTempLedger({ file })
  const order = { limit: { index: 256 }, folder, database: file, actor: { type: 'system' } } as const
  await archiveEntries(ledger, { ...order, origin: TEST_SIGNER.key.name })
  const end = ledger.archivedEnd()
  await ledger.close()
  if (end !== 256) throw new Error(`the next run archived ${end} entries`)
}

function makePlaces(): Places {
  const folder = realTempFolder()
  const copies = join(folder, 'copies')
  mkdirSync(copies)
  return {
    folder,
    file: join(folder, 'ledger.db'),
    copies,
    copy: join(copies, 'copy.db'),
    archive: join(folder, 'archive'),
  }
}

async function survive(upkeep: Upkeep): Promise<void> {
  const places = makePlaces()
  const log = join(places.folder, 'trace')
  upkeep.place(places.file)
  const undisturbed = await startWarmProcess(SCRIPT)
  expect(await undisturbed.run(JSON.stringify(upkeep.args(places)), tracing(log))).toContain('ok')
  await undisturbed.end()
  const calls = readWriteCalls(log, places.folder)
  expect(calls.length).toBeGreaterThan(20)
  const faults = calls.map((call): Fault => ({ ...call, effect: 'signal=KILL' }))
  const report = await runMatrix(faults, (fault) => surviveOne(upkeep, fault, places.folder))
  reports.push(report)
  expect(report.failures).toEqual([])
}

async function surviveOne(upkeep: Upkeep, fault: Fault, traced: string): Promise<void> {
  const places = makePlaces()
  const said = upkeep.place(places.file)
  const log = join(places.folder, 'trace')
  const path = fault.path.replace(traced, places.folder)
  const victim = await startWarmProcess(SCRIPT)
  await victim.run(JSON.stringify(upkeep.args(places)), injecting({ ...fault, path }, log))
  if (victim.isAlive()) {
    await victim.end()
    throw new Error('the fault was not reached')
  }
  await upkeep.check(places, said)
  rmSync(places.folder, { recursive: true })
}
