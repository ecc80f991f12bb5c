import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LedgerError } from '../ledger-error.ts'
import { decodeBase64 } from '../note/base64.ts'
import { writeWhole } from '../store/durable-file.ts'
import type { Head } from '../tree/proof.ts'
import type { WitnessStore } from './witness.ts'

/** Keeps a head a log in a folder, a file each: origin, size and root, a line each. */
export function folderStore(folder: string): WitnessStore {
  return {
    read: async (origin) => {
      const text = await readFile(pathOf(folder, origin), 'utf8').catch(absent)
      return text === undefined ? undefined : parseHead(text, origin)
    },
    write: (origin, { size, root }) =>
      writeWhole(pathOf(folder, origin), `${origin}\n${size}\n${root.toString('base64')}\n`),
  }
}

/** An origin may hold what a file name may not. */
function pathOf(folder: string, origin: string): string {
  return join(folder, 'logs', hash('sha256', origin))
}

/** A file that cannot be read must not be taken for a log that was never seen: that would allow a second history. */
function parseHead(text: string, origin: string): Head {
  const [name, size = '', encoded = ''] = text.split('\n')
  const root = decodeBase64(encoded)
  if (name !== origin || !/^\d{1,16}$/.test(size) || root?.length !== 32) {
    throw new LedgerError(
      'ledger-damaged',
      `what this witness kept about ${origin} cannot be read: nothing is signed`,
    )
  }
  return { size: Number(size), root }
}

function absent(error: unknown): undefined {
  if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT')
    return undefined
  throw error
}
