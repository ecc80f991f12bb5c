import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Manifest } from '../../ledger/export/export-folder.ts'
import { isTimeout } from '../../ledger/http/with-deadline.ts'
import { CliError, EXIT } from '../exit.ts'
import { isCode, isSystemError } from '../system-error.ts'
import { writeToOutput } from '../write-to-output.ts'
import type { Receiver } from './receiver-at.ts'

/** What to ask a receiver for, what looks at the bytes on their way, and where they go: a file, or `-`. */
export interface RowsOrder {
  readonly address: string
  readonly watch: Transform
  readonly path: string
}

/** Streams an export out of a receiver. @returns its id @throws CliError when it is cut off */
export async function streamRows(receiver: Receiver, { address, watch, path }: RowsOrder): Promise<string> {
  const { exportId, chunks } = await receiver.rows(address)
  const rows = Readable.from(chunks)
  try {
    await (path === '-' ? writeToOutput(rows, watch) : pipeline(rows, watch, createWriteStream(path)))
  } catch (error) {
    // Whoever closed the pipe had enough, and knows; the receiver records that the export was cut off.
    if (path === '-' && isCode(error, 'EPIPE')) throw new CliError(EXIT.unreachable, '', { cause: error })
    if (isSystemError(error)) throw error
    const reason = isTimeout(error) ? `the receiver is silent: ${error.message}` : 'the connection was lost'
    throw new CliError(
      EXIT.unreachable,
      `the export was cut off (${reason}): ${path === '-' ? 'what was written is not whole' : 'nothing was kept'}. Try again`,
      { cause: error },
    )
  }
  return exportId
}

/** The entry that closes an export. */
export async function exportEntry(receiver: Receiver, exportId: string): Promise<Manifest> {
  const text = (await receiver.get(`ledger/exports/${exportId}`)).toString('utf8')
  const [, index, entry] = /^\{"index":(\d+),"entry":(.*)\}$/s.exec(text) ?? []
  if (index === undefined || entry === undefined)
    throw new CliError(EXIT.unreachable, 'the receiver answered no export entry')
  return { index: Number(index), text: entry }
}
