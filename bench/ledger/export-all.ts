// The export of a whole ledger as `ledger export --out -` makes it: node export-all.js FILE
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { countChunks } from '../../ledger/export/count-chunks.ts'
import { CSV_POINTERS } from '../../ledger/export/csv.ts'
import { exportChunks } from '../../ledger/export/export-rows.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'

const reader = await openReader({ file: process.argv[2] ?? '', migrations: MIGRATIONS })
const counter = countChunks()
const chunks = exportChunks(reader, { query: {}, format: 'csv', columns: CSV_POINTERS }, reader.size())
await pipeline(Readable.from(counter.through(chunks, () => undefined)), process.stdout)
await reader.close()
process.stderr.write(`resident ${Math.round(process.resourceUsage().maxRSS / 1024)}\n`)
