import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expectedSchema } from '../../cli/expected-schema.ts'
import { archiveEntries } from '../../ledger/archive/archive-entries.ts'
import { backupLedger } from '../../ledger/backup/backup-ledger.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import type { Ledger } from '../../ledger/store/open-ledger.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import {
  draft,
  openTempLedger,
  removeTempFolders,
  TEST_SIGNER,
  untilWritable,
  verifyFile,
  WRITERS,
} from '../support/temp-ledger.ts'
import { checkAfterFault, checkWhole, readAcknowledged } from './after-fault.ts'
import { describeUnless } from './fault-matrix.ts'
import { fillUp, mountProblem, mountSmallDisk } from './small-disk.ts'
import type { SmallDisk } from './small-disk.ts'

let disk: SmallDisk | undefined
const mounted = (size: string): SmallDisk => (disk = mountSmallDisk(size))

afterEach(() => {
  disk?.remove()
  disk = undefined
})
afterAll(removeTempFolders)

describeUnless(mountProblem())('a ledger on a file system of its own', () => {
  test.each(WRITERS)(
    'that is full refuses with a code to come back to, keeps what it has, and goes on when there is room, with the writer %s',
    async (_where, writer) => {
      const { folder } = mounted('2m')
      const [file, ballast] = [join(folder, 'ledger.db'), join(folder, 'ballast')]
      const ledger = await openTempLedger({ file, ...writer })
      const lines: string[] = []
      await fill(ledger, lines, 20)
      expect(lines).toHaveLength(20)
      const makeRoom = fillUp(ballast)
      const refusal = await fill(ledger, lines, 1000)
      expect(refusal).toMatchObject({ code: 'ledger-full', retryable: true })
      expect(ledger.health()).toMatchObject({ writable: false, error: { code: 'ledger-full' } })
      await checkWhole(file, readAcknowledged(lines))
      makeRoom()
      await untilWritable(ledger)
      const before = lines.length
      expect(await fill(ledger, lines, 20)).toBeUndefined()
      expect(lines).toHaveLength(before + 20)
      await ledger.close()
      await checkAfterFault(file, readAcknowledged(lines))
    },
  )

  test('that is full when it is opened says so, and opens when there is room', async () => {
    const { folder } = mounted('2m')
    const [file, ballast] = [join(folder, 'ledger.db'), join(folder, 'ballast')]
    const lines = await makeLedger(file)
    const makeRoom = fillUp(ballast)
    await expect(openTempLedger({ file })).rejects.toMatchObject({ code: 'ledger-full', retryable: true })
    makeRoom()
    await checkAfterFault(file, readAcknowledged(lines))
  })

  test('that is read-only cannot be opened for writing, and says so', async () => {
    const { folder, makeReadOnly } = mounted('2m')
    const file = join(folder, 'ledger.db')
    await makeLedger(file)
    makeReadOnly()
    const refusal = await openTempLedger({ file }).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(LedgerError)
    expect(refusal).toMatchObject({ code: 'ledger-unavailable', message: expect.stringContaining(file) })
  })

  test('that is read-only is read and verified where it is, a backup as well', async () => {
    const { folder, makeReadOnly } = mounted('2m')
    const [file, copy] = [join(folder, 'ledger.db'), join(folder, 'copy.db')]
    const said = readAcknowledged(await makeLedger(file))
    await backupLedger({ file, destination: copy, migrations: MIGRATIONS, schema: await expectedSchema() })
    makeReadOnly()
    const files = readdirSync(folder)
    await checkWhole(copy, said)
    await checkWhole(file, said)
    expect(readdirSync(folder)).toEqual(files)
  })

  test('that is read-only gives the entries of an archive beside the ledger', async () => {
    const { folder, makeReadOnly } = mounted('8m')
    const file = join(folder, 'ledger.db')
    const ledger = await openTempLedger({ file })
    await Promise.all(Array.from({ length: 300 }, () => ledger.append({ entry: draft() })))
    const first = ledger.reader.at(0)
    const order = { limit: { index: 256 }, folder: join(folder, 'archive'), database: file } as const
    await archiveEntries(ledger, { ...order, actor: { type: 'system' }, origin: TEST_SIGNER.key.name })
    await ledger.close()
    makeReadOnly()
    const reader = await openReader({ file, migrations: MIGRATIONS })
    expect(reader.at(0)).toEqual(first)
    await reader.close()
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 301 })
  })
})

/** Three entries, in a file that was closed. */
async function makeLedger(file: string): Promise<readonly string[]> {
  const ledger = await openTempLedger({ file })
  const lines: string[] = []
  await fill(ledger, lines, 3)
  await ledger.close()
  return lines
}

/** Appends until so many are acknowledged, or one is refused. */
async function fill(ledger: Ledger, lines: string[], count: number): Promise<unknown> {
  for (let n = 0; n < count; n++) {
    try {
      const { index, leafHash } = await ledger.append({ entry: draft() })
      lines.push(`ack ${index} ${leafHash}`)
    } catch (error) {
      return error
    }
  }
  return undefined
}
