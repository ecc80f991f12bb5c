import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { draft, openTempLedger } from '../support/temp-ledger.ts'
import { readAcknowledged } from './after-fault.ts'
import type { Acknowledged } from './after-fault.ts'
import { realTempFolder } from './strace.ts'

/** Puts a copy of the ledger in that place, and tells what it acknowledged. */
export type PlaceLedger = (file: string) => Acknowledged

/** A ledger that a crash has left: so many entries in the file, and three newer ones in the log beside it. */
export async function crashedLedger(inFile: number): Promise<PlaceLedger> {
  const folder = realTempFolder()
  const [file, crashed] = [join(folder, 'ledger.db'), join(folder, 'crashed.db')]
  const append = async (count: number) => {
    const ledger = await openTempLedger({ file })
    await Promise.all(Array.from({ length: count }, () => ledger.append({ entry: draft() })))
    return ledger
  }
  await (await append(inFile)).close()
  const ledger = await append(3)
  const lines = ledger.reader.page(0, inFile + 3).map(({ index, leafHash }) => `ack ${index} ${leafHash}`)
  for (const suffix of ['', '-wal']) copyFileSync(file + suffix, crashed + suffix)
  await ledger.close()
  return (place) => {
    for (const suffix of ['', '-wal']) copyFileSync(crashed + suffix, place + suffix)
    return readAcknowledged(lines)
  }
}
