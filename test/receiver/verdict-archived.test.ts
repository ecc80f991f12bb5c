import { renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { batchAction } from '../../actions/data-actions/record-batch.ts'
import { reportVerdictAction, verdictReader } from '../../actions/data-actions/report-verdict.ts'
import { archiveEntries } from '../../ledger/archive/archive-entries.ts'
import type { Entry } from '../../ledger/entry/entry.ts'
import { parseStored } from '../../ledger/store/entry-reader.ts'
import { draft, removeTempFolders, TEST_SIGNER } from '../support/temp-ledger.ts'
import { startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { call } from './http-caller.ts'

let receiver: TestReceiver
let token = ''
let folder = ''
let blockId = ''

const append: TestReceiver['ledger']['append'] = (submission) => receiver.ledger.append(submission)
const findEntry = (id: string): Entry | undefined => {
  const stored = receiver.ledger.reader.byId(id)
  return stored && parseStored(stored)
}

beforeAll(async () => {
  receiver = await startTestReceiver({
    actions: [
      {
        name: 'report-verdict',
        scope: 'actions:report-verdict',
        handle: reportVerdictAction({ append, findEntry }),
        handleMany: batchAction(append, verdictReader({ findEntry })),
      },
    ],
  })
  const data = { filterId: 'f-1', category: 'pii', actionTaken: 'blocked', score: 0.9, threshold: 0.8 }
  const block = draft({ type: 'block.recorded', data })
  const [first] = await Promise.all(Array.from({ length: 300 }, () => append({ entry: block })))
  blockId = first?.id ?? ''
  token = await receiver.token(['actions:report-verdict'])
  folder = join(dirname(receiver.file), 'archive')
  await archiveEntries(receiver.ledger, {
    limit: { index: 256 },
    folder,
    database: receiver.file,
    actor: { type: 'user', id: 'ops' },
    origin: TEST_SIGNER.key.name,
    reason: 'retention',
  })
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

const report = (body: unknown) =>
  call(`${receiver.url}/actions/report-verdict`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const verdict = () => ({ blockId, verdict: 'true_positive', reviewerId: 'r-7', requestId: 'v-1' })

describe('a verdict of a decision that was archived', () => {
  test('is refused while the archive is away, alone and in a batch, and taken when it is back', async () => {
    const refused = { status: 'rejected', errorCode: 'block_archived' }
    renameSync(folder, `${folder}-away`)
    expect(await report(verdict())).toMatchObject({ status: 200, json: refused })
    expect(await report([verdict()])).toMatchObject({
      status: 200,
      json: { rejected: 1, results: [refused] },
    })
    renameSync(`${folder}-away`, folder)
    expect(await report(verdict())).toMatchObject({ status: 200, json: { status: 'recorded' } })
  })
})
