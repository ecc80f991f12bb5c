import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { eraseBodies, findSubject, withBodies } from '../../../ledger/erase/erase-bodies.ts'
import { formatTlogProof, verifyTlogProof } from '../../../ledger/note/tlog-proof.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { settleLog } from '../../../ledger/store/settle-log.ts'
import { inclusionProof } from '../../../ledger/tree/proof.ts'
import {
  draft,
  openTempLedger,
  removeTempFolders,
  tempFolder,
  TEST_SIGNER,
  verifyFile,
} from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

const SECRET = 'Erika Mustermann asked about her invoice'
const order = {
  reason: 'request 17',
  actor: { type: 'user', id: 'dpo' },
  origin: TEST_SIGNER.key.name,
} as const
const bodyHash = createHash('sha256').update(SECRET).digest('hex')

/** Ten entries; each has a body with the secret, number 3 and 7 name a person. */
async function someLedger(file: string): Promise<Ledger> {
  const ledger = await openTempLedger({ file })
  for (let i = 0; i < 10; i++) {
    await ledger.append({
      entry: draft({ actor: { type: 'user', id: i === 3 || i === 7 ? 'person-1' : `person-${i + 10}` } }),
      dedupe: { source: 's', eventId: `e-${i}`, bodyHash },
      bodies: [{ name: 'body', salt: randomBytes(32), bytes: Buffer.from(`${SECRET} ${i}`) }],
    })
  }
  return ledger
}

function proofOf(ledger: Ledger, index: number): string {
  const path = inclusionProof(index, ledger.reader.size(), ledger.log.node)
  return formatTlogProof({ index, path, checkpoint: ledger.log.checkpoint() ?? '' })
}

describe('erasing bodies', () => {
  test('deletes them with an entry that says who, why and which, never what; every proof stays valid', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await someLedger(file)
    const before = proofOf(ledger, 3)
    const [receipt] = await eraseBodies(ledger, { ...order, indexes: [7, 3, 3] })
    const entry = ledger.reader.at(receipt?.index ?? -1)?.text ?? ''
    expect(JSON.parse(entry)).toMatchObject({
      type: 'ledger.erased',
      actor: order.actor,
      data: { indexes: [3, 7], reason: 'request 17' },
    })
    expect(entry).not.toContain('Erika')
    expect([2, 3, 7, 8].map((index) => ledger.bodySizes(index).length)).toEqual([1, 0, 0, 1])
    const text = Buffer.from(ledger.reader.at(3)?.text ?? '')
    for (const proof of [before, proofOf(ledger, 3)])
      expect(verifyTlogProof(text, proof, [TEST_SIGNER.key]).size).toBeGreaterThan(3)
    await ledger.close()
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 11 })
  })

  test('leaves nothing of them in the file or its log, nor a hash that could be guessed against', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await someLedger(file)
    await eraseBodies(ledger, { ...order, indexes: Array.from({ length: 10 }, (_, i) => i) })
    await ledger.close()
    settleLog(file)
    for (const path of [file, `${file}-wal`].filter((name) => existsSync(name))) {
      const bytes = readFileSync(path)
      expect(bytes.includes(Buffer.from('Erika'))).toBe(false)
      expect(bytes.includes(Buffer.from(bodyHash, 'hex'))).toBe(false)
    }
  })

  test('while another program reads the file, the bytes are still in it, and that is told', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await someLedger(file)
    const stranger = new Database(file, { readonly: true })
    stranger.exec('BEGIN; SELECT count(*) FROM entries')
    await eraseBodies(ledger, { ...order, indexes: [3] })
    await ledger.close()
    expect(settleLog(file)).toBe(false)
    stranger.close()
    expect(settleLog(file)).toBe(true)
    expect(readFileSync(file).includes(Buffer.from(`${SECRET} 3`))).toBe(false)
    expect(settleLog(join(tempFolder(), 'absent', 'ledger.db'))).toBe(false)
  }, 30_000)

  test('of thousands of entries is done whole or not at all', async () => {
    const ledger = await openTempLedger()
    await Promise.all(
      Array.from({ length: 2102 }, (_, i) =>
        ledger.append({
          entry: draft({ data: { i } }),
          ...(i < 2101 && { bodies: [{ name: 'body', salt: randomBytes(32), bytes: Buffer.from('x') }] }),
        }),
      ),
    )
    const indexes = Array.from({ length: 2102 }, (_, i) => i)
    await expect(eraseBodies(ledger, { ...order, indexes })).rejects.toMatchObject({
      code: 'nothing-to-erase',
      message: expect.stringContaining('entry 2101 ') as string,
    })
    expect(ledger.reader.size()).toBe(2102)
    expect(await eraseBodies(ledger, { ...order, indexes: indexes.slice(0, -1) })).toHaveLength(2)
    await ledger.close()
  })

  test('takes no blank reference, and none that only says what a thing is', async () => {
    const ledger = await someLedger(join(tempFolder(), 'ledger.db'))
    await ledger.append({ entry: draft({ data: { failure: '' } }) })
    for (const blank of ['', '  '])
      expect(() => findSubject(ledger.reader, blank)).toThrow(
        expect.objectContaining({ code: 'nothing-to-erase' }) as Error,
      )
    expect(findSubject(ledger.reader, 'user')).toEqual([])
    expect(findSubject(ledger.reader, 'filter')).toEqual([])
    await ledger.close()
  })

  test('finds the entries that name a person', async () => {
    const ledger = await someLedger(join(tempFolder(), 'ledger.db'))
    expect(findSubject(ledger.reader, 'person-1')).toEqual([3, 7])
    expect(findSubject(ledger.reader, 'person')).toEqual([])
    await eraseBodies(ledger, { ...order, indexes: [3] })
    expect(withBodies(ledger, findSubject(ledger.reader, 'person-1'))).toEqual([7])
    await ledger.close()
  })

  test('is refused for an entry that is not there, has no body, or was erased; then nothing is stored', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await someLedger(file)
    await ledger.append({ entry: draft() })
    await eraseBodies(ledger, { ...order, indexes: [3] })
    const size = ledger.reader.size()
    await expect(eraseBodies(ledger, { ...order, indexes: [99] })).rejects.toMatchObject({
      code: 'out-of-range',
    })
    await expect(eraseBodies(ledger, { ...order, indexes: [10] })).rejects.toMatchObject({
      code: 'nothing-to-erase',
    })
    await expect(eraseBodies(ledger, { ...order, indexes: [2, 3] })).rejects.toMatchObject({
      code: 'nothing-to-erase',
    })
    await expect(eraseBodies(ledger, { ...order, indexes: [] })).rejects.toMatchObject({
      code: 'nothing-to-erase',
    })
    expect(ledger.reader.size()).toBe(size)
    expect(ledger.bodySizes(2)).toHaveLength(1)
    await ledger.close()
    expect(await verifyFile(file)).toMatchObject({ ok: true })
  })

  test('a delivery that is repeated after it is still recognised, and is not stored again', async () => {
    const ledger = await someLedger(join(tempFolder(), 'ledger.db'))
    await eraseBodies(ledger, { ...order, indexes: [5] })
    const again = { entry: draft(), dedupe: { source: 's', eventId: 'e-5', bodyHash } }
    expect(await ledger.append(again)).toMatchObject({ index: 5, duplicate: true })
    await expect(
      ledger.append({ ...again, dedupe: { ...again.dedupe, eventId: 'e-6', bodyHash: '00'.repeat(32) } }),
    ).rejects.toMatchObject({ code: 'dedupe-conflict' })
    await ledger.close()
  })

  test('without an entry the database itself refuses it', async () => {
    const file = join(tempFolder(), 'ledger.db')
    await (await someLedger(file)).close()
    const stranger = new Database(file)
    for (const statement of [
      'DELETE FROM bodies WHERE idx = 3',
      `UPDATE deliveries SET salt = x'' WHERE idx = 3`,
      'INSERT INTO erasures VALUES (3, 5)',
    ])
      expect(() => stranger.exec(statement)).toThrow(/ledger: /)
    stranger.close()
  })
})
