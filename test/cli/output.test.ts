import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { makeCliLedger } from './cli-ledger.ts'
import { BIN, runCli } from './run-cli.ts'

afterAll(removeTempFolders)

/** Runs a line of shell, in which `$P` is the program. */
async function shell(line: string, cwd: string) {
  const child = spawn('bash', ['-o', 'pipefail', '-c', line], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', P: `${process.execPath} ${BIN}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  await once(child, 'close')
  return { code: child.exitCode, out, err }
}

describe('output that goes nowhere', () => {
  test('into a closed pipe is no error', async () => {
    // `sleep` keeps the pipe's place until its reader is gone.
    expect(await shell('(sleep 0.3; $P --help; echo "exit $?" >&2) | true', tempFolder())).toMatchObject({
      err: 'exit 0\n',
    })
    const both = '{ (sleep 0.3; $P nonsense 2>&1; echo "exit $?" >&3) | true; } 3>&2'
    expect(await shell(both, tempFolder())).toMatchObject({ err: 'exit 2\n' })
  })

  test('onto a full disk is told', async () => {
    const { code, err } = await shell('$P --help > /dev/full', tempFolder())
    expect(code).toBe(3)
    expect(err).toMatch(/^filter-ledger: standard output cannot be written: ENOSPC.*\n$/)
  })
})

describe('a place that cannot be', () => {
  test('is told in one line', async () => {
    const cwd = tempFolder()
    await makeCliLedger(cwd, 3)
    writeFileSync(join(cwd, 'afile'), 'a file')
    for (const [args, said] of [
      [['ledger', 'verify', 'http://'], 'http:// is not a URL'],
      [['ledger', 'publish', '--out', 'afile'], 'afile is there and is no folder'],
      [['ledger', 'publish', '--out', 'afile/x'], 'ENOTDIR'],
      [['ledger', 'export', '--out', 'afile'], 'afile is there and is no folder'],
    ] as const)
      expect([args, await runCli(args, { cwd })]).toEqual([
        args,
        { code: 2, out: '', err: expect.stringMatching(new RegExp(`^filter-ledger: .*${said}.*\\n$`)) },
      ])
  }, 60_000)
})
