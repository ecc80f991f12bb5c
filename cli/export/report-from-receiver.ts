import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'
import { asRecord } from '../../ledger/entry/as-record.ts'
import type { Entry } from '../../ledger/entry/entry.ts'
import { manifestText, reportFileName } from '../../ledger/reports/report-manifest.ts'
import type { Progress } from '../commands/ledger/progress.ts'
import { CliError, EXIT } from '../exit.ts'
import { placeReport } from './place-report.ts'
import type { MadeReport } from './place-report.ts'
import { receiverAt } from './receiver-at.ts'
import type { Receiver, ReceiverAccess } from './receiver-at.ts'
import { exportEntry, streamRows } from './receiver-rows.ts'
import type { CliReport, WrittenReport } from './report-order.ts'

/** Makes a report through a running receiver; its manifest is made of the entry that the receiver appended. */
export function reportFromReceiver(
  access: ReceiverAccess,
  order: CliReport,
  progress: Progress,
): Promise<WrittenReport> {
  const receiver = receiverAt(access)
  return placeReport(order, (path) => takeReport(receiver, order, path, progress))
}

async function takeReport(
  receiver: Receiver,
  { report, query }: CliReport,
  path: string,
  progress: Progress,
): Promise<MadeReport> {
  const sha256 = createHash('sha256')
  let bytes = 0
  const watch = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      sha256.update(chunk)
      bytes += chunk.length
      progress.show(bytes, bytes)
      done(null, chunk)
    },
  })
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) parameters.set(name, String(value))
  const address = `ledger/reports/${reportFileName(report)}?${parameters.toString()}`
  const { index, text } = await exportEntry(receiver, await streamRows(receiver, { address, watch, path }))
  const entry = JSON.parse(text) as Entry
  const digest = sha256.digest('hex')
  const { rows, files } = entry.data
  const file = asRecord(asRecord(files)[reportFileName(report)])
  if (file['sha256'] !== digest || typeof rows !== 'number')
    throw new CliError(EXIT.unreachable, `entry ${index} tells of another file than was received: try again`)
  const manifest = manifestText(index, entry.entity.name ?? '', entry.data)
  return { rows, entry: index, sha256: digest, manifest }
}
