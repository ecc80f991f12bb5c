import { renameSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { archiveEntries } from '../../ledger/archive/archive-entries.ts'
import { draft, removeTempFolders, TEST_SIGNER } from '../support/temp-ledger.ts'
import { startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { call } from './http-caller.ts'
import type { Answer } from './http-caller.ts'

let receiver: TestReceiver
let token = ''
let folder = ''
let archivedId = ''

beforeAll(async () => {
  receiver = await startTestReceiver({
    actions: [
      {
        name: 'read-entry',
        scope: 'ledger:read',
        handle: () => Promise.resolve({ ...receiver.ledger.reader.byId(archivedId) }),
      },
    ],
  })
  await Promise.all(
    Array.from({ length: 600 }, (_, i) => receiver.ledger.append({ entry: draft({ data: { i } }) })),
  )
  const { id } = JSON.parse(receiver.ledger.reader.at(300)?.text ?? '') as { readonly id: string }
  archivedId = id
  token = await receiver.token(['ledger:read', 'ledger:export'], { lifetimeS: 600 })
  folder = join(dirname(receiver.file), 'archive')
  await archiveEntries(receiver.ledger, {
    limit: { index: 512 },
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

const headers = () => ({ authorization: `Bearer ${token}` })
const get = (path: string): Promise<Answer> => call(receiver.url + path, { headers: headers() })
const act = (): Promise<Answer> =>
  call(`${receiver.url}/actions/read-entry`, {
    method: 'POST',
    headers: { ...headers(), 'content-type': 'application/json' },
    body: '{}',
  })

// The bundle that was read last is kept in memory.
beforeEach(() => get('/ledger/entries/100'))

/** Whatever reads entry 300. */
const readings: readonly (readonly [string, () => Promise<Answer>])[] = [
  ['its bundle', () => get('/tile/entries/001')],
  ['its page', () => get('/ledger/entries?from=300')],
  ['itself', () => get('/ledger/entries/300')],
  ['an action', act],
]

describe('an archive that was damaged while it is served', () => {
  test.each(readings)('is our own fault, and may be put right: %s is 503', async (_what, read) => {
    const path = join(folder, 'tile/entries/001')
    const whole = readFileSync(path)
    const damaged = Buffer.from(whole)
    damaged.writeUInt8(damaged.readUInt8(200) ^ 1, 200)
    writeFileSync(path, damaged)
    const answer = await read()
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'cache-control': 'no-store', 'retry-after': '5' },
      json: { type: 'urn:filter-ledger:problem:archive-damaged' },
    })
    expect(answer.text).not.toContain(folder)
    expect(receiver.logged()).toContain('an archive is damaged')
    writeFileSync(path, whole)
    expect(await read()).toMatchObject({ status: 200 })
  })

  test.each(readings)('that was put away is 410: %s', async (_what, read) => {
    renameSync(folder, `${folder}.away`)
    expect(await read()).toMatchObject({
      status: 410,
      json: { type: 'urn:filter-ledger:problem:entry-archived' },
    })
    renameSync(`${folder}.away`, folder)
  })

  test('cuts an export off, and its proof and its neighbours are still had', async () => {
    const path = join(folder, 'tile/entries/001')
    writeFileSync(path, 'x')
    await expect(get('/ledger/export.csv')).rejects.toThrow()
    expect(await get('/ledger/entries/300/proof')).toMatchObject({ status: 200 })
    expect(await get('/ledger/entries/100')).toMatchObject({ status: 200 })
    expect(await get('/ledger/entries/520')).toMatchObject({ status: 200 })
  })
})
