import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { draft, openTempLedger, removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { checkWhole } from './after-fault.ts'
import type { Acknowledged } from './after-fault.ts'

afterAll(removeTempFolders)

/** Of SQLite's write-ahead log (https://sqlite.org/fileformat2.html#the_write_ahead_log). */
const LOG_HEADER = 32
const FRAME_HEADER = 24
const FRAME = FRAME_HEADER + 4096

/** What was acknowledged once the log was so long, and the checkpoint that an auditor keeps from then. */
interface Commit {
  readonly logSize: number
  readonly said: Acknowledged
  readonly checkpoint: string
}

/** A ledger as a power cut finds it: the file and its log, and what each commit had added. */
interface Left {
  readonly file: string
  readonly log: Buffer
  readonly commits: readonly Commit[]
}

describe('a write-ahead log that was torn by a power cut', () => {
  let left: Left
  beforeAll(async () => {
    left = await leaveLog()
  })

  test('gives a whole ledger up to the last commit in front of every cut, and says when a known one is lost', async () => {
    const cuts = placesIn(left.log)
    expect(cuts.length).toBeGreaterThan(80)
    for (const cut of cuts) await expectPrefix(left, left.log.subarray(0, cut), cut)
  }, 120_000)

  test('gives a whole ledger up to the last commit in front of every byte that was changed', async () => {
    const places = placesIn(left.log).filter((place) => place < left.log.length)
    for (const place of places) {
      const changed = Buffer.from(left.log)
      changed.writeUInt8(changed.readUInt8(place) ^ 0x10, place)
      await expectPrefix(left, changed, place)
    }
  }, 120_000)

  test('takes no frame that lies behind a gap', async () => {
    const [, first] = left.commits
    const end = first?.logSize ?? 0
    const gap = Buffer.alloc(FRAME)
    await expectPrefix(left, Buffer.concat([left.log.subarray(0, end), gap, left.log.subarray(end)]), end)
  })
})

/** The beginning, the middle and the end of the log's header, of every frame's header, and of every frame's page. */
function placesIn(log: Buffer): readonly number[] {
  const frames = Array.from({ length: (log.length - LOG_HEADER) / FRAME }, (_, n) => LOG_HEADER + n * FRAME)
  const inFrames = frames.flatMap((at) => [at, at + 8, at + FRAME_HEADER, at + FRAME / 2, at + FRAME - 1])
  return [0, 1, LOG_HEADER / 2, ...inFrames, log.length]
}

/** With this log beside it, the file holds exactly the commits that end at or before `whole`, and goes on. */
async function expectPrefix({ file, commits }: Left, log: Buffer, whole: number): Promise<void> {
  const folder = tempFolder()
  const torn = join(folder, 'ledger.db')
  copyFileSync(file, torn)
  writeFileSync(`${torn}-wal`, log)
  const kept = commits.filter(({ logSize }) => logSize <= whole).at(-1)
  const last = commits.at(-1)
  const knownCheckpoints = [last?.checkpoint ?? '']
  if (kept !== last)
    await expect(openTempLedger({ file: torn, knownCheckpoints })).rejects.toMatchObject({
      code: 'ledger-rolled-back',
    })
  const ledger = await openTempLedger({ file: torn, knownCheckpoints: kept === last ? knownCheckpoints : [] })
  expect(ledger.reader.size()).toBe(kept?.said.size ?? 0)
  await ledger.append({ entry: draft() })
  await ledger.close()
  await checkWhole(torn, kept?.said ?? new Map())
  rmSync(folder, { recursive: true })
}

/** Two entries in the file, and the log of six more commits, taken while the ledger is open: none is settled. */
async function leaveLog(): Promise<Left> {
  const folder = tempFolder()
  const [file, copy] = [join(folder, 'ledger.db'), join(folder, 'copy.db')]
  const before = await openTempLedger({ file })
  const said = new Map<number, string>()
  const append = async (ledger: typeof before): Promise<void> => {
    const { index, leafHash } = await ledger.append({ entry: draft() })
    said.set(index, leafHash)
  }
  await append(before)
  await append(before)
  const checkpoint = before.log.checkpoint() ?? ''
  await before.close()
  copyFileSync(file, copy)
  const commits: Commit[] = [{ logSize: 0, said: new Map(said), checkpoint }]
  const ledger = await openTempLedger({ file })
  for (let n = 0; n < 6; n++) {
    await append(ledger)
    const logSize = readFileSync(`${file}-wal`).length
    commits.push({ logSize, said: new Map(said), checkpoint: ledger.log.checkpoint() ?? '' })
  }
  const log = readFileSync(`${file}-wal`)
  await ledger.close()
  return { file: copy, log, commits }
}
