import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadCheckpointKey } from '../../cli/checkpoint-key.ts'
import { checkpointText } from '../../ledger/note/checkpoint.ts'
import { signNote } from '../../ledger/note/note-signer.ts'
import { removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { makeCliLedger } from './cli-ledger.ts'
import { runCli } from './run-cli.ts'
import type { CliResult } from './run-cli.ts'

afterAll(removeTempFolders)

let cwd = ''
beforeEach(async () => {
  cwd = tempFolder()
  await makeCliLedger(cwd, 300)
})
const cli = (...args: string[]): Promise<CliResult> => runCli(args, { cwd })

describe('ledger verify of a folder', () => {
  test('names the command for an export, and verify-export the one for a published log', async () => {
    await cli('ledger', 'publish', '--out', 'log', '--entries')
    expect(await cli('ledger', 'verify', 'log')).toMatchObject({ code: 0 })
    expect(await cli('verify-export', 'log')).toEqual({
      code: 2,
      out: '',
      err: 'filter-ledger: log is a published log: filter-ledger ledger verify log\n',
    })
    for (const [out, ...more] of [
      ['csv'],
      ['ndjson', '--format', 'ndjson'],
      ['none', '--unrecorded'],
    ] as const) {
      await cli('ledger', 'export', '--out', out, ...more)
      expect(await cli('ledger', 'verify', out)).toEqual({
        code: 2,
        out: '',
        err: `filter-ledger: ${out} is an export: filter-ledger verify-export ${out}\n`,
      })
    }
    rmSync(join(cwd, 'csv/export.csv'))
    expect(await cli('ledger', 'verify', 'csv')).toMatchObject({ code: 2 })
    rmSync(join(cwd, 'csv/manifest.json'))
    expect(await cli('verify-export', 'csv')).toMatchObject({ code: 1 })
  }, 60_000)

  test('finds a folder, and a pipe, where a tile should be', async () => {
    await cli('ledger', 'publish', '--out', 'log', '--entries')
    rmSync(join(cwd, 'log/tile/0/000'))
    mkdirSync(join(cwd, 'log/tile/0/000'))
    rmSync(join(cwd, 'log/tile/entries/000'))
    execFileSync('mkfifo', [join(cwd, 'log/tile/entries/000')])
    const { code, out, err } = await cli('ledger', 'verify', 'log')
    expect([code, err]).toEqual([1, ''])
    expect(out).toContain('missing (tile-missing): tile/0/000 is not there')
    expect(out).toContain('missing (archive-missing): tile/entries/000 is not there')
  })

  test('and of a URL ends where a checkpoint claims more entries than anyone has', async () => {
    await cli('ledger', 'publish', '--out', 'log')
    const text = checkpointText(loadCheckpointKey(join(cwd, 'data/keys')).key.name, {
      size: 9_000_000_000_000_000,
      root: Buffer.alloc(32),
    })
    writeFileSync(join(cwd, 'log/checkpoint'), signNote(loadCheckpointKey(join(cwd, 'data/keys')), text, 0))
    const server = createServer((req, res) => {
      readFile(join(cwd, 'log', req.url ?? '')).then(
        (bytes) => res.end(bytes),
        () => res.writeHead(404).end(),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new TypeError('no port')
    for (const place of ['log', `http://127.0.0.1:${address.port}`]) {
      const { code, out } = await cli('ledger', 'verify', place)
      expect(code).toBe(1)
      expect(out).toContain('no more of 9000000000000000 entries was looked for')
    }
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }, 60_000)
})
