import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { writeFileSync } from 'node:fs'
import {
  draft,
  openTempLedger,
  removeTempFolders,
  tempFolder,
  TEST_KEY_PEM,
  verifyFile,
} from '../support/temp-ledger.ts'

afterAll(removeTempFolders)

const WRITER = fileURLToPath(new URL('../support/append-forever.js', import.meta.url))

/** Runs the writer until it has acknowledged so many entries, kills it with -9, and returns what it said. */
async function appendAndKill(
  file: string,
  acknowledged: number,
  where: string,
): Promise<ReadonlyMap<number, string>> {
  const key = `${file}.key.pem`
  writeFileSync(key, TEST_KEY_PEM)
  const writer = spawn(process.execPath, [WRITER, file, key, where], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  writer.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    if (text.split('\n').length > acknowledged) writer.kill('SIGKILL')
  })
  await once(writer, 'close')
  // The last line may have been cut by the kill: only whole lines were said.
  const lines = text.split('\n').slice(0, -1)
  return new Map(lines.map((line) => [Number(line.split(' ')[0]), line.split(' ')[1] ?? '']))
}

describe.each(['here', 'thread'])('kill -9 in the middle of appends, with the writer %s,', (where) => {
  test('leaves a whole ledger that holds every acknowledged entry, and that goes on', async () => {
    const file = join(tempFolder(), 'ledger.db')
    let said = new Map<number, string>()
    for (const acknowledged of [1, 40, 333, 1000, 2]) {
      const more = await appendAndKill(file, acknowledged, where)
      expect(more.size).toBeGreaterThanOrEqual(acknowledged)
      // No index is acknowledged twice, neither within a run nor across the kill.
      expect([...more.keys()].filter((index) => said.has(index))).toEqual([])
      said = new Map([...said, ...more])
      const report = await verifyFile(file)
      expect(report).toMatchObject({ ok: true, findings: [] })
      expect(report.size).toBeGreaterThan(Math.max(...said.keys()))
    }
    const reader = await openReader({ file, migrations: MIGRATIONS })
    for (const [index, leafHash] of said) expect(reader.at(index)?.leafHash).toBe(leafHash)
    await reader.close()
    const ledger = await openTempLedger({ file })
    await expect(ledger.append({ entry: draft() })).resolves.toMatchObject({ duplicate: false })
    await ledger.close()
  }, 60_000)
})
