import { atPointer, canonicalText, isObject, readEntry } from './canonical-json.ts'
import { openCheckpoint } from './checkpoint.ts'
import type { OpenedCheckpoint } from './checkpoint.ts'
import { guard, readCsv, unguard } from './csv.ts'
import { leafHash, provesConsistency, provesInclusion, sha256 } from './merkle-tree.ts'
import { fromBase64, fromDecimal, insist } from './refusal.ts'
import type { VerifierKey } from './signed-note.ts'
import { fetchExactly, tiledTree } from './tiles.ts'
import type { Fetch } from './tiles.ts'
import { verifyProof } from './tlog-proof.ts'

// What an auditor takes home: export.csv, checkpoint, some tiles, and the entry that names the CSV's hash.

export interface VerifiedExport {
  readonly checkpoint: OpenedCheckpoint
  readonly indexes: readonly number[]
  readonly manifestIndex: number
}

/** Verifies a folder with nothing but the operator's keys. @throws Refusal */
export async function verifyExportFolder(
  fetch: Fetch,
  keys: readonly VerifierKey[],
): Promise<VerifiedExport> {
  const checkpoint = openCheckpoint(await fetchExactly(fetch, 'checkpoint'), keys)
  const csv = await fetchExactly(fetch, 'export.csv')
  const [header = [], ...rows] = readCsv(csv.toString('utf8'))
  insist(Buffer.from(csv.toString('utf8')).equals(csv), 'csv-malformed', 'not UTF-8')
  insist(header[0] === 'index' && header.at(-1) === 'entry', 'csv-malformed', `columns ${header.join()}`)
  const pointers = header.slice(1, -1)
  insist(
    pointers.every((pointer) => pointer.startsWith('/')),
    'csv-malformed',
    'a column that names no pointer',
  )
  const tree = tiledTree(fetch, checkpoint.size)
  const indexes: number[] = []
  for (const [first = '', ...cells] of rows) {
    const index = fromDecimal(first, 'csv-malformed')
    insist(index > (indexes.at(-1) ?? -1), 'csv-malformed', `row ${index} is out of order`)
    insist(index < checkpoint.size, 'entry-wrong', `row ${index} is beyond the checkpoint`)
    const entry = Buffer.from(cells.at(-1) ?? '')
    const path = await tree.inclusionPath(index)
    const holds = provesInclusion({ index, hash: leafHash(entry) }, checkpoint, path)
    insist(holds, 'entry-wrong', `row ${index} is not the entry of the tree`)
    const value = readEntry(entry)
    for (const [i, pointer] of pointers.entries()) verifyCell(cells[i] ?? '', value, { index, pointer })
    indexes.push(index)
  }
  return { checkpoint, indexes, manifestIndex: await verifyManifest(fetch, keys, { checkpoint, csv }) }
}

/** Verifies the folder's proof that its checkpoint goes on from one that was kept. @throws Refusal */
export async function verifyKept(
  fetch: Fetch,
  keys: readonly VerifierKey[],
  old: Uint8Array,
): Promise<OpenedCheckpoint> {
  const older = openCheckpoint(old, keys)
  const newer = openCheckpoint(await fetchExactly(fetch, 'checkpoint'), keys)
  const lines = (await fetchExactly(fetch, `consistency/${older.size}`))
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
  const proof = lines.map((line) => fromBase64(line, 32))
  insist(older.origin === newer.origin, 'history-wrong', 'another ledger')
  insist(provesConsistency(older, newer, proof), 'history-wrong', 'it does not go on from the kept one')
  return older
}

/** The export's own entry names the hash of the file, and the checkpoint covers that entry. */
async function verifyManifest(
  fetch: Fetch,
  keys: readonly VerifierKey[],
  { checkpoint, csv }: { readonly checkpoint: OpenedCheckpoint; readonly csv: Buffer },
): Promise<number> {
  const bytes = await fetchExactly(fetch, 'manifest.json')
  const proof = (await fetchExactly(fetch, 'manifest.tlog-proof')).toString('utf8')
  const { index, size, root } = verifyProof(bytes, proof, keys)
  insist(size === checkpoint.size && root.equals(checkpoint.root), 'manifest-wrong', 'another checkpoint')
  const manifest = readEntry(bytes)
  const file = atPointer(manifest, '/data/files/export.csv')
  insist(manifest['type'] === 'access.exported' && isObject(file), 'manifest-wrong', 'not an export of a CSV')
  insist(
    file['sha256'] === sha256(csv).toString('hex') && file['size'] === csv.length,
    'manifest-wrong',
    'export.csv is not the file that was exported',
  )
  return index
}

function verifyCell(
  cell: string,
  entry: Readonly<Record<string, unknown>>,
  { index, pointer }: { readonly index: number; readonly pointer: string },
): void {
  const value = atPointer(entry, pointer) ?? ''
  const text = typeof value === 'string' ? value : canonicalText(value)
  insist(
    cell === guard(text) && unguard(cell) === text,
    'cell-wrong',
    `row ${index}, ${pointer}: the cell says ${cell}, the entry ${text}`,
  )
}
