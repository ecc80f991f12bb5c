import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CSV_POINTERS } from '../../ledger/export/csv.ts'
import { formatVerifierKey } from '../../ledger/note/verifier-key.ts'
import type { VerifierKey } from '../../ledger/note/verifier-key.ts'
import { exportFromReceiver } from '../export/export-from-receiver.ts'
import type { ReceiverAccess } from '../export/receiver-at.ts'
import { verifierText } from '../export/export-order.ts'

export type Check = (holds: boolean, what: string) => void

interface Audit {
  /** Where the export goes. */
  readonly folder: string
  readonly receiver: ReceiverAccess
  /** The key that the auditor was given by another way. */
  readonly signer: VerifierKey
  readonly size: number
}

/** Exports everything through the receiver, verifies it as an auditor would, and shows that a forgery is seen. */
export async function auditExport({ folder, receiver, signer, size }: Audit, check: Check): Promise<void> {
  const order = {
    database: '',
    keysFolder: '',
    out: folder,
    shape: { query: {}, format: 'csv', columns: CSV_POINTERS },
    withProof: true,
    compact: false,
    friendly: false,
    old: [],
    recorded: true,
  } as const
  const written = await exportFromReceiver(receiver, order, { show: () => undefined, end: () => undefined })
  const place = join(folder, 'export.csv')
  const csv = readFileSync(place, 'utf8')
  check(!csv.includes('conversation-'), 'no conversation id is in it, references alone')
  check(written.rows === size, `export.csv holds all ${size} entries, and the export is an entry itself`)
  const untouched = await verify(folder, signer)
  check(untouched.code === 0, 'every row is proved to be in the ledger, under its signed checkpoint')
  writeFileSync(place, csv.replace('block.recorded', 'block.reworded'))
  const altered = await verify(folder, signer)
  writeFileSync(place, csv)
  const isNamed = altered.code === 1 && /row \d+, entry \d+: column \/type/.test(altered.said)
  check(isNamed, 'one altered word is found, and its row is named')
}

/** Runs `verify.mjs` of the folder, in a process of its own. */
async function verify(
  folder: string,
  signer: VerifierKey,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const script = join(folder, 'verify.mjs')
  if (readFileSync(script, 'utf8') !== verifierText())
    return { code: null, said: 'the verifier is not there' }
  const args = [script, folder, '--vkey', formatVerifierKey(signer)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  await once(child, 'close')
  return { code: child.exitCode, said }
}
