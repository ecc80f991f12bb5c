// Appends as fast as the ledger answers, sixteen at a time, and prints each index once it was acknowledged.
// Run by the kill test, from the built files: node append-forever.js FILE KEY.pem [thread]
import { readFileSync } from 'node:fs'
import { noteSigner } from '../../dist/ledger/note/note-signer.js'
import { openLedger } from '../../dist/ledger/store/open-ledger.js'
import { MIGRATIONS } from '../../dist/migrations/migrations.js'

const ledger = await openLedger({
  file: process.argv[2],
  signer: noteSigner('ledger.test/filter-ledger', readFileSync(process.argv[3], 'utf8')),
  migrations: MIGRATIONS,
  environment: 'test',
  now: () => new Date(),
  ...(process.argv[4] === 'thread' && {
    writerThread: new URL('../../dist/ledger/store/writer-thread.js', import.meta.url),
  }),
})
const entry = {
  type: 'filter.updated',
  actor: { type: 'system' },
  entity: { type: 'filter', id: 'f' },
  action: 'update',
  status: 'SUCCESS',
  data: { padding: 'x'.repeat(500) },
}

const appendForever = async () => {
  for (;;) {
    const { index, leafHash } = await ledger.append({ entry })
    process.stdout.write(`${index} ${leafHash}\n`)
  }
}
await Promise.all(Array.from({ length: 16 }, appendForever))
