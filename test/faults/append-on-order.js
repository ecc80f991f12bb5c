// Appends a few entries for each order, from the built files: node append-on-order.js
// An order is a line "COMMITS FILE". What is answered, a line each:
//   ack INDEX LEAF_HASH   an entry was acknowledged
//   refused CODE          the ledger refused with a code; what may succeed later is asked for once more
//   broke ERROR           anything else that was thrown
//   done                  the order is carried out; also said first, when it is ready
// FILTER_LEDGER_CHECKPOINT_KEY and FILTER_LEDGER_ORIGIN name the file of the key, and the ledger.
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { LedgerError } from '../../dist/ledger/ledger-error.js'
import { noteSigner } from '../../dist/ledger/note/note-signer.js'
import { openLedger } from '../../dist/ledger/store/open-ledger.js'
import { MIGRATIONS } from '../../dist/migrations/migrations.js'

const { FILTER_LEDGER_CHECKPOINT_KEY, FILTER_LEDGER_ORIGIN } = process.env
const signer = noteSigner(FILTER_LEDGER_ORIGIN, readFileSync(FILTER_LEDGER_CHECKPOINT_KEY, 'utf8'))
const entry = {
  type: 'filter.updated',
  actor: { type: 'system' },
  entity: { type: 'filter', id: 'f' },
  action: 'update',
  status: 'SUCCESS',
  data: { padding: 'x'.repeat(300) },
}
const say = (text) => process.stdout.write(`${text}\n`)

const sayError = (error) => {
  say(error instanceof LedgerError ? `refused ${error.code}` : `broke ${String(error).replaceAll('\n', ' ')}`)
}

/** As a caller does that was told to come back. */
const askTwice = async (ask) => {
  try {
    return await ask()
  } catch (error) {
    sayError(error)
    if (error instanceof LedgerError && error.retryable) return await ask()
    throw error
  }
}

const submission = (eventId, withBody) => ({
  entry,
  bodies: withBody ? [{ name: 'body', salt: Buffer.alloc(32, 7), bytes: Buffer.from(eventId) }] : [],
  dedupe: { source: 's', eventId, bodyHash: createHash('sha256').update(eventId).digest('hex') },
})

const open = (file) =>
  openLedger({ file, signer, migrations: MIGRATIONS, environment: 'test', now: () => new Date() })

const carryOut = async (commits, file) => {
  const ledger = await askTwice(() => open(file))
  const first = ledger.reader.size()
  for (let commit = 0; commit < commits; commit++) {
    const appends = [0, 1, 2].map((n) =>
      askTwice(() => ledger.append(submission(`${first}-${commit}-${n}`, n === 0))),
    )
    for (const outcome of await Promise.allSettled(appends)) {
      if (outcome.status === 'fulfilled') say(`ack ${outcome.value.index} ${outcome.value.leafHash}`)
      else sayError(outcome.reason)
    }
  }
  await ledger.close()
}

say('done')
for await (const order of createInterface({ input: process.stdin })) {
  const [commits, ...file] = order.split(' ')
  await carryOut(Number(commits), file.join(' ')).catch(sayError)
  say('done')
}
