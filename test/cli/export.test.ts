import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { entriesFrom, growCliLedger, makeCliLedger } from './cli-ledger.ts'
import { BIN, hangUp, runCli } from './run-cli.ts'
import type { CliResult } from './run-cli.ts'

afterAll(removeTempFolders)

const SIZE = 600
let cwd = ''
beforeEach(async () => {
  cwd = tempFolder()
  await makeCliLedger(cwd, SIZE, 1000)
})

const cli = (...args: string[]): Promise<CliResult> => runCli(args, { cwd })
const refused = (code: number, said: string) => ({
  code,
  out: '',
  err: expect.stringMatching(new RegExp(`^filter-ledger: .*${said}.*\\n$`)) as string,
})
const told = async () =>
  (await entriesFrom(cwd, SIZE)).map(({ type, action, status }) => ({ type, action, status }))
const begun = { type: 'access.exported', action: 'export', status: 'SUCCESS' }
const finished = { type: 'access.exported', action: 'export-finished', status: 'SUCCESS' }
const aborted = { type: 'access.exported', action: 'export-aborted', status: 'WARNING' }

describe('an export to standard output', () => {
  test('whose reader hangs up is recorded as cut off, and ends in silence', async () => {
    expect(await hangUp(['ledger', 'export', '--out', '-'], { cwd })).toEqual({ code: 3, err: '' })
    expect(await told()).toEqual([begun, aborted])
    const [, last] = await entriesFrom(cwd, SIZE)
    expect(last?.data).toMatchObject({ complete: false })
    expect(last?.data['rows']).toBeLessThan(SIZE)
  })

  test('that is read to its end is recorded as whole', async () => {
    const { code, out } = await cli('ledger', 'export', '--out', '-')
    expect(code).toBe(0)
    expect(out.split('\r\n')).toHaveLength(SIZE + 2)
    expect(await told()).toEqual([begun, finished])
    expect((await entriesFrom(cwd, SIZE))[1]?.data).toMatchObject({ rows: SIZE, complete: true })
  })
})

describe('an export from a file', () => {
  test('that is killed leaves a trace', async () => {
    await growCliLedger(cwd, 3000, 8000)
    const child = spawn(process.execPath, [BIN, 'ledger', 'export', '--out', 'x.csv'], { cwd })
    while (!readdirSync(cwd).some((name) => name.startsWith('x.csv.partial')))
      await new Promise((resolve) => setTimeout(resolve, 2))
    while ((await entriesFrom(cwd, SIZE + 3000)).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 2))
    child.kill('SIGKILL')
    await once(child, 'close')
    expect((await entriesFrom(cwd, SIZE + 3000))[0]).toMatchObject(begun)
    expect(existsSync(join(cwd, 'x.csv'))).toBe(false)
  })

  test('takes a folder with a trailing slash', async () => {
    expect(await cli('ledger', 'export', '--out', 'exp1/')).toMatchObject({ code: 0, err: '' })
    expect(await cli('verify-export', 'exp1')).toMatchObject({ code: 0 })
    expect(readdirSync(cwd).toSorted()).toEqual(['data', 'exp1'])
  })

  test('leaves a stranger\u2019s NAME.partial alone', async () => {
    mkdirSync(join(cwd, 'exp.partial'))
    writeFileSync(join(cwd, 'exp.partial/letter'), 'mine')
    writeFileSync(join(cwd, 'exp.csv.partial'), 'mine')
    expect(await cli('ledger', 'export', '--out', 'exp')).toMatchObject({ code: 0 })
    expect(await cli('ledger', 'export', '--out', 'exp.csv')).toMatchObject({ code: 0 })
    expect(readFileSync(join(cwd, 'exp.partial/letter'), 'utf8')).toBe('mine')
    expect(readFileSync(join(cwd, 'exp.csv.partial'), 'utf8')).toBe('mine')
  })

  test('never writes over a file', async () => {
    expect(await cli('ledger', 'export', '--out', 'exp')).toMatchObject({ code: 0 })
    const rows = readFileSync(join(cwd, 'exp/export.csv'), 'utf8')
    const size = (await entriesFrom(cwd, 0)).length
    expect(await cli('ledger', 'export', '--out', 'exp/export.csv')).toMatchObject(
      refused(2, 'exp/export.csv is there: name a new file .export-exists.'),
    )
    expect(readFileSync(join(cwd, 'exp/export.csv'), 'utf8')).toBe(rows)
    expect((await entriesFrom(cwd, 0)).length).toBe(size)
  })

  test('that can be refused is refused before anything is recorded', async () => {
    const other = tempFolder()
    await makeCliLedger(other, 5)
    expect(await runCli(['ledger', 'export', '--out', 'exp'], { cwd: other })).toMatchObject({ code: 0 })
    writeFileSync(join(cwd, 'afile'), 'a file')
    writeFileSync(join(cwd, 'README'), '# A page\n')
    mkdirSync(join(cwd, 'full/x'), { recursive: true })
    const foreign = join(other, 'exp/checkpoint')
    for (const [args, said] of [
      [['--out', 'exp', '--old', foreign], 'origin-mismatch'],
      [['--out', 'exp', '--old', 'README'], 'note-malformed'],
      [['--out', 'afile'], 'afile is there and is no folder'],
      [['--out', 'afile/x'], 'EEXIST'],
      [['--out', 'full'], 'is not empty'],
      [['--out', 'absent/x.csv'], 'ENOENT'],
      [['--out', '/proc/x'], 'ENOENT'],
    ] as const)
      expect([args, await cli('ledger', 'export', ...args)]).toMatchObject([args, refused(2, said)])
    expect(await told()).toEqual([])
    expect(readdirSync(cwd).toSorted()).toEqual(['README', 'afile', 'data', 'full'])
  })

  test('that fails half-way is recorded as cut off, and leaves no folder', async () => {
    // A file may grow to 200 blocks of 1024 bytes: fewer than the rows have.
    const child = spawn(
      'bash',
      ['-c', `trap '' XFSZ; ulimit -f 200; exec ${process.execPath} ${BIN} ledger export --out exp.csv`],
      { cwd, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let err = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    await once(child, 'close')
    expect(child.exitCode).toBe(3)
    expect(err).toMatch(/^filter-ledger: exp.csv cannot be written: EFBIG.*\n$/)
    expect(await told()).toEqual([begun, aborted])
    expect(readdirSync(cwd)).toEqual(['data'])
  })
})
