import { fill } from './bench-append.ts'
import { openBenchLedger } from './bench-database.ts'

/** The size of the small ledger that a large one is compared with. */
export const SMALL = 10_000

/** Makes a ledger of so many entries. */
export async function buildLedger(file: string, entries: number): Promise<void> {
  const ledger = await openBenchLedger(file)
  await fill(ledger, entries)
  await ledger.close()
}

/** The size of the large one: `--entries N`, or what the bench has for default. @throws Error with the usage */
export function readEntries(bench: string, args: readonly string[], byDefault: number): number {
  const [option, value] = args
  if (option === undefined) return byDefault
  const entries = option === '--entries' ? Number(value) : NaN
  if (Number.isSafeInteger(entries) && entries >= SMALL) return entries
  throw new Error(`usage: npm run bench -- ${bench} [--entries N], N at least ${SMALL}`)
}
