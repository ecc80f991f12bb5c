import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { decisionEvents } from '../../../ledger/reports/decision-events.ts'
import { recall } from '../../../ledger/reports/recall.ts'
import type { Report, ReportSource } from '../../../ledger/reports/report.ts'
import { countReport, reportChunks } from '../../../ledger/reports/report-rows.ts'
import { openTempLedger, removeTempFolders } from '../../support/temp-ledger.ts'
import { append, blockDraft } from './report-ledger.ts'

afterAll(removeTempFolders)

const PAGE = 64
const MILLION = 1_000_000

/** Takes bytes one write at a time, hashes them, and keeps none. */
function taker(): { readonly stream: Writable; readonly bytes: () => number; readonly sha256: () => string } {
  const hash = createHash('sha256')
  let bytes = 0
  const stream = new Writable({
    highWaterMark: 1,
    write: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk)
      bytes += chunk.length
      setImmediate(done)
    },
  })
  return { stream, bytes: () => bytes, sha256: () => hash.digest('hex') }
}

describe('a report', () => {
  test('of a million rows is never more than a few pages ahead of whoever takes it', async () => {
    const row = { seq: 7, cells: ['=a row', 'of "some" length', 1.5, null] }
    const line = `'=a row,"of ""some"" length",1.5,\r\n`
    const taken = taker()
    let made = 0
    let lead = 0
    const report: Report = {
      name: 'decision-events',
      ofMetrics: false,
      columns: ['a', 'b', 'c', 'd'].map((name) => ({ name, source: '' })),
      *pages() {
        for (; made < MILLION; made += PAGE) {
          lead = Math.max(lead, made * line.length - taken.bytes())
          yield new Array<typeof row>(Math.min(PAGE, MILLION - made)).fill(row)
        }
      },
    }
    const counter = countReport()
    const chunks = reportChunks(report, {} as ReportSource, {})
    await pipeline(
      Readable.from(counter.through(chunks), { objectMode: true, highWaterMark: 1 }),
      taken.stream,
    )
    const size = 'a,b,c,d\r\n'.length + MILLION * line.length
    expect(counter.count()).toEqual({
      rows: MILLION,
      firstSeq: 7,
      lastSeq: 7,
      file: { size, sha256: taken.sha256() },
    })
    expect(taken.bytes()).toBe(size)
    expect(lead).toBeLessThan(5 * PAGE * line.length)
  }, 120_000)

  test('reads a page of the ledger when the one before was taken, and no other', async () => {
    const ledger = await openTempLedger()
    await Promise.all(Array.from({ length: 1000 }, () => append(ledger, blockDraft())))
    let pages = 0
    const reader = {
      at: ledger.reader.at,
      page: (from: number, limit: number) => {
        pages++
        expect(limit).toBeLessThanOrEqual(PAGE)
        return ledger.reader.page(from, limit)
      },
    }
    const source = { reader, metrics: ledger.metrics, size: 1000, now: new Date() }
    let taken = 0
    for await (const { rows } of reportChunks(decisionEvents, source, {})) {
      expect(pages * PAGE).toBeLessThanOrEqual(taken + PAGE)
      taken += rows
    }
    expect(taken).toBe(1000)
    await ledger.close()
  })

  test('remembers the newest of many things alone', () => {
    const kept = recall<number>(3)
    for (const [i, key] of ['a', 'b', 'c', 'a', 'd'].entries()) kept.set(key, i)
    expect(['a', 'b', 'c', 'd'].map((key) => kept.get(key))).toEqual([3, undefined, 2, 4])
  })
})
