import { removeTempFolders } from '../support/temp-ledger.ts'
import { startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { appendRange, TEST_KEYS } from './log-source.ts'
import { openCheckpoint } from './verifier/checkpoint.ts'
import type { OpenedCheckpoint } from './verifier/checkpoint.ts'
import { provesConsistency } from './verifier/merkle-tree.ts'
import { fromBase64 } from './verifier/refusal.ts'
import { readKey } from './verifier/signed-note.ts'
import { verifyProof } from './verifier/tlog-proof.ts'
import { verifyGrowth, verifyWholeLog } from './verifier/whole-log.ts'

const SIZES = [1, 2, 255, 256, 257, 511, 512, 600]
let receiver: TestReceiver
let token = ''
beforeAll(async () => {
  receiver = await startTestReceiver()
  let from = 0
  for (const to of SIZES) {
    await appendRange(receiver.ledger, from, to)
    from = to
  }
  token = await receiver.token(['ledger:read'], { lifetimeS: 600 })
})
afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

async function get(path: string): Promise<Response> {
  const needsToken = path.startsWith('tile/entries/')
  const headers = needsToken ? { authorization: `Bearer ${token}` } : {}
  return fetch(`${receiver.url}/${path}`, { headers })
}
async function log(path: string): Promise<Uint8Array | undefined> {
  const answer = await get(path)
  return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined
}
const kept = (): readonly OpenedCheckpoint[] =>
  [...receiver.ledger.log.checkpoints()].map(({ note }) => openCheckpoint(Buffer.from(note), TEST_KEYS))

describe('a log that a receiver serves', () => {
  test('holds when read over HTTP, with the key that it names', async () => {
    const keys = (await (await get('verifier-keys')).text()).trimEnd().split('\n').map(readKey)
    expect(keys).toEqual(TEST_KEYS)
    expect(await verifyWholeLog(log, keys)).toMatchObject({ tiles: [3, 1], checkpoint: { size: 600 } })
  })

  test.each([
    ['checkpoint', 'text/plain; charset=utf-8', 'no-cache'],
    ['tile/1/000.p/2', 'application/octet-stream', 'public, max-age=31536000, immutable'],
    ['tile/0/000', 'application/octet-stream', 'public, max-age=31536000, immutable'],
  ])('serves %s with the headers of the specification', async (path, type, caching) => {
    const { headers } = await get(path)
    expect([headers.get('content-type'), headers.get('cache-control')]).toEqual([type, caching])
  })

  test('keeps a checkpoint of every size that it signed; each goes on from each before, by tiles of that size', async () => {
    const heads = kept()
    expect(heads.map(({ size }) => size)).toEqual(expect.arrayContaining(SIZES))
    for (const [i, newer] of heads.entries())
      for (const older of heads.slice(0, i + 1)) await verifyGrowth(log, older, newer)
    const [first, second] = heads
    if (first === undefined || second === undefined) throw new RangeError('no checkpoints')
    await expect(verifyGrowth(log, second, first)).rejects.toMatchObject({ code: 'history-wrong' })
    const fork = { ...second, root: first.root }
    for (const newer of heads.slice(1))
      await expect(verifyGrowth(log, fork, newer)).rejects.toMatchObject({ code: 'history-wrong' })
  })

  test('answers consistency proofs that hold between any two of them', async () => {
    const heads = kept().filter(({ size }) => SIZES.includes(size))
    for (const [i, newer] of heads.entries()) {
      for (const older of heads.slice(0, i + 1)) {
        const text = await (await get(`ledger/consistency?from=${older.size}&to=${newer.size}`)).text()
        const proof = text
          .split('\n')
          .slice(0, -1)
          .map((line) => fromBase64(line, 32))
        expect(provesConsistency(older, newer, proof)).toBe(true)
        if (proof.length > 0) expect(provesConsistency(older, newer, proof.slice(1))).toBe(false)
      }
    }
  })

  test('answers proofs that hold with the entry and the key alone, under the newest head and under older ones', async () => {
    const { entries } = await verifyWholeLog(log, TEST_KEYS)
    for (const size of SIZES) {
      for (const index of new Set([0, size >> 1, size - 1])) {
        const proof = await (await get(`ledger/entries/${index}/proof?size=${size}`)).text()
        expect(verifyProof(entries[index] ?? Buffer.of(), proof, TEST_KEYS)).toMatchObject({ index, size })
        expect(() => verifyProof(entries[(index + 1) % 600] ?? Buffer.of(), proof, TEST_KEYS)).toThrow(
          expect.objectContaining({ code: 'proof-wrong' }) as Error,
        )
      }
    }
  })
})
