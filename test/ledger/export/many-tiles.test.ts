import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { verifyExport } from '../../../ledger/export/verify-export.ts'
import { checkpointText } from '../../../ledger/note/checkpoint.ts'
import { signNote } from '../../../ledger/note/note-signer.ts'
import { formatVerifierKey } from '../../../ledger/note/verifier-key.ts'
import { leafHash } from '../../../ledger/tree/merkle.ts'
import { TILE_WIDTH, tilePath } from '../../../ledger/tree/tile-path.ts'
import type { TileName } from '../../../ledger/tree/tile-path.ts'
import { EMPTY_TREE, growTree, treeRoot } from '../../../ledger/tree/tree.ts'
import { removeTempFolders, tempFolder, TEST_SIGNER } from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

const TILES = 4300
const REST = 10

/** More leaf tiles than a verifier keeps, and a partial one behind them: a row of each, all of the last. */
function writeExport(folder: string): void {
  const put = (name: TileName, bytes: Uint8Array): void => {
    const path = join(folder, tilePath(name))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  }
  const other = leafHash(Buffer.from('not exported'))
  const entry = (index: number): string => `{"n":${index}}`
  let tree = EMPTY_TREE
  let rows = ''
  for (let n = 0; n <= TILES; n++) {
    const width = n < TILES ? TILE_WIDTH : REST
    const first = n * TILE_WIDTH
    const exported = n < TILES ? 1 : REST
    for (let i = 0; i < exported; i++) rows += `{"index":${first + i},"entry":${entry(first + i)}}\n`
    const leaves = Array.from({ length: width }, (_, i) =>
      i < exported ? leafHash(Buffer.from(entry(first + i))) : other,
    )
    const grown = growTree(tree, leaves)
    for (const { level, n: at, hashes } of grown.full) put({ level, n: at, width: TILE_WIDTH }, hashes)
    tree = grown.tree
  }
  tree.levels.forEach(({ hashes }, level) => {
    const n = Math.floor(tree.size / TILE_WIDTH ** (level + 1))
    if (hashes.length > 0) put({ level, n, width: hashes.length }, Buffer.concat(hashes))
  })
  writeFileSync(join(folder, 'export.ndjson'), rows)
  const text = checkpointText(TEST_SIGNER.key.name, { size: tree.size, root: treeRoot(tree) })
  writeFileSync(join(folder, 'checkpoint'), signNote(TEST_SIGNER, text, 0))
}

test('an export over more tiles than the verifier keeps at a time holds, to its partial tile', async () => {
  const folder = tempFolder()
  writeExport(folder)
  const keys = [formatVerifierKey(TEST_SIGNER.key)]
  expect(await verifyExport(folder, { keys, unrecorded: true })).toMatchObject({
    ok: true,
    size: TILES * TILE_WIDTH + REST,
    rows: TILES + REST,
    findings: [],
  })
}, 120_000)
