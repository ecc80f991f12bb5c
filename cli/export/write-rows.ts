import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { LedgerError } from '../../ledger/ledger-error.ts'
import { CliError, EXIT } from '../exit.ts'
import { isCode } from '../system-error.ts'
import { writeToOutput } from '../write-to-output.ts'

/** Writes rows to a file, or to standard output for `-`. @param out as the user named it @throws CliError, LedgerError */
export async function writeRowsTo(path: string, text: Readable, out: string): Promise<void> {
  try {
    await (path === '-' ? writeToOutput(text) : pipeline(text, createWriteStream(path)))
  } catch (error) {
    if (error instanceof LedgerError) throw error
    // Whoever closed the pipe had enough, and knows.
    if (path === '-' && isCode(error, 'EPIPE')) throw new CliError(EXIT.unreachable, '', { cause: error })
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(EXIT.unreachable, `${out} cannot be written: ${reason}`, { cause: error })
  }
}
