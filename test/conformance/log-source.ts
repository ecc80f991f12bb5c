import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EntryDraft } from '../../ledger/entry/entry.ts'
import { formatVerifierKey } from '../../ledger/note/verifier-key.ts'
import { publishLog } from '../../ledger/publish/publish-log.ts'
import type { Published } from '../../ledger/publish/publish-log.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { openLedger } from '../../ledger/store/open-ledger.ts'
import type { Ledger, LedgerOptions } from '../../ledger/store/open-ledger.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { draft, tempFolder, TEST_SIGNER } from '../support/temp-ledger.ts'
import { readKey } from './verifier/signed-note.ts'
import type { Fetch } from './verifier/tiles.ts'

/** The key of the tests' ledgers, as an outsider is given it. */
export const TEST_KEYS = [readKey(formatVerifierKey(TEST_SIGNER.key))]

/** Names that canonical JSON, UTF-8 and CSV each have a rule for. */
export const NAMES = [
  'a filter',
  '=1+1',
  '+49 30',
  '-1',
  '@home',
  "'=quoted",
  "''@twice",
  "'plain'",
  '\uff1dfull width',
  '\ttab first',
  'comma, "quote"',
  'two\r\nlines',
  'M\u00fcller \u{1f600} \u2028',
]

/** Entry i of a conformance ledger. */
export function entryOf(i: number): EntryDraft {
  return draft({
    type: i % 10 === 0 ? 'block.recorded' : 'filter.updated',
    entity: { type: 'filter', id: `f-${i % 7}`, name: NAMES[i % NAMES.length] ?? '' },
    data: { n: i, score: i / 8, '\u20ac': null, nested: { b: [true, i], a: 'x'.repeat(i % 50) } },
  })
}

/** Appends entries [from, to), a few thousand at a time. */
export async function appendRange(ledger: Ledger, from: number, to: number, entry = entryOf): Promise<void> {
  for (let at = from; at < to; at += 4096) {
    const batch = Array.from({ length: Math.min(4096, to - at) }, (_, i) => ({ entry: entry(at + i) }))
    await Promise.all(batch.map((submission) => ledger.append(submission)))
  }
}

/** Makes a ledger file, appends through `fill`, and closes it. */
export async function makeLedger(
  fill: (ledger: Ledger) => Promise<unknown>,
  options: Partial<LedgerOptions> = {},
): Promise<string> {
  const file = options.file ?? join(tempFolder(), 'ledger.db')
  const ledger = await openLedger({
    file,
    migrations: MIGRATIONS,
    environment: 'test',
    now: () => new Date(),
    signer: TEST_SIGNER,
    ...options,
  })
  await fill(ledger)
  await ledger.close()
  return file
}

/** Publishes a ledger file as a static log. */
export async function publish(
  file: string,
  folder = join(tempFolder(), 'log'),
): Promise<Published & { readonly folder: string }> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    return { ...(await publishLog({ reader, log: reader.log }, { folder, withEntries: true })), folder }
  } finally {
    await reader.close()
  }
}

/** The files of a folder. */
export const filesOf =
  (folder: string): Fetch =>
  (path) =>
    readFile(join(folder, path)).catch(() => undefined)

/** The same files, but one of them altered, or gone where `alter` gives undefined. */
export const altered =
  (fetch: Fetch, altered: string, alter: (bytes: Buffer) => Uint8Array | undefined): Fetch =>
  async (path) => {
    const bytes = await fetch(path)
    return path === altered && bytes !== undefined ? alter(Buffer.from(bytes)) : bytes
  }

/** One bit of one byte, counted from the end when negative. */
export const flip =
  (at: number) =>
  (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes)
    const offset = at < 0 ? copy.length + at : at
    copy.writeUInt8(copy.readUInt8(offset) ^ 1, offset)
    return copy
  }

/** One text for another of the same length, once. @throws RangeError when it is not there */
export const swap =
  (from: string, to: string) =>
  (bytes: Buffer): Buffer => {
    const at = bytes.indexOf(from)
    if (at < 0) throw new RangeError(`no ${from} to alter`)
    return Buffer.concat([
      bytes.subarray(0, at),
      Buffer.from(to),
      bytes.subarray(at + Buffer.byteLength(from)),
    ])
  }
