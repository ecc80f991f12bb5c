import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { loadCheckpointKey } from '../../cli/checkpoint-key.ts'
import { readOrder } from '../../cli/export/export-order.ts'
import { exportFromReceiver } from '../../cli/export/export-from-receiver.ts'
import { noteSigner } from '../../ledger/note/note-signer.ts'
import { formatVerifierKey } from '../../ledger/note/verifier-key.ts'
import { createWitness } from '../../ledger/witness/witness.ts'
import { folderStore } from '../../ledger/witness/witness-store.ts'
import { createWitnessApp } from '../../receiver/witness/witness-app.ts'
import { underGarbageCollection } from '../support/collect-garbage.ts'
import { removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { entriesFrom, makeCliLedger } from './cli-ledger.ts'
import { hangUp, runCli, serveCli } from './run-cli.ts'
import type { CliResult, Served } from './run-cli.ts'

const SIZE = 600
let server: Server
let url = ''
let answer: RequestListener = () => undefined
let cwd = ''
const running: Served[] = []

beforeAll(async () => {
  server = createServer((req, res) => {
    answer(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  url = `http://127.0.0.1:${address.port}/`
})
beforeEach(() => {
  cwd = tempFolder()
})
afterEach(async () => {
  for (const served of running.splice(0)) await served.end('SIGTERM')
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  removeTempFolders()
})

async function serve(env: Readonly<Record<string, string>> = {}): Promise<Served> {
  const served = await serveCli({ cwd, env })
  running.push(served)
  return served
}

async function tokenEnv(): Promise<Readonly<Record<string, string>>> {
  const scopes = ['--scope', 'ledger:export', '--scope', 'ledger:read']
  const { out } = await runCli(['token', 'issue', ...scopes, '--subject', 'auditor'], { cwd })
  return { FILTER_LEDGER_TOKEN: out.trim() }
}

const actions = async () => (await entriesFrom(cwd, SIZE)).map(({ action }) => action)
const refused = (code: number, said: string) => ({
  code,
  out: '',
  err: expect.stringMatching(new RegExp(`^filter-ledger: .*${said}.*\\n$`)) as string,
})

describe('an export through a receiver', () => {
  test('waits for a checkpoint that its witnesses have still to cosign, and says so when none comes', async () => {
    await makeCliLedger(cwd, SIZE)
    const { privateKey } = generateKeyPairSync('ed25519')
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const signer = noteSigner('witness.test', pem, 'cosignature')
    writeFileSync(join(cwd, 'witnesses'), `${url} ${formatVerifierKey(signer.key)}\n`)
    answer = (_req, res) => res.writeHead(503).end()
    const { url: receiver } = await serve({
      FILTER_LEDGER_WITNESSES: 'witnesses',
      FILTER_LEDGER_WITNESS_QUORUM: '1',
    })
    const env = await tokenEnv()
    const exportTo = (out: string): Promise<CliResult> =>
      runCli(['ledger', 'export', '--receiver', receiver, '--out', out], { cwd, env })
    expect(await exportTo('none')).toMatchObject(refused(3, 'do its witnesses answer'))
    expect(existsSync(join(cwd, 'none'))).toBe(false)

    const logs = [loadCheckpointKey(join(cwd, 'data/keys')).key]
    const store = folderStore(tempFolder())
    const addCheckpoint = createWitness({ signer, logs, store, now: () => new Date() })
    const app = createWitnessApp({ addCheckpoint, onError: () => undefined })
    const exported = exportTo('some')
    while ((await actions()).length < 4) await new Promise((resolve) => setTimeout(resolve, 20))
    await new Promise((resolve) => setTimeout(resolve, 500))
    answer = app
    expect(await exported).toMatchObject({ code: 0, err: '' })
    expect(await runCli(['verify-export', 'some'], { cwd })).toMatchObject({ code: 0 })
  }, 60_000)

  test('that can be refused is refused before the receiver records it', async () => {
    const other = tempFolder()
    await makeCliLedger(other, 5)
    await runCli(['ledger', 'export', '--out', 'exp'], { cwd: other })
    await makeCliLedger(cwd, SIZE, 15_000)
    const { url: receiver } = await serve()
    const env = await tokenEnv()
    writeFileSync(join(cwd, 'README'), '# A page\n')
    writeFileSync(join(cwd, 'rows.csv'), 'mine')
    for (const [args, said] of [
      [['--out', 'exp', '--old', join(other, 'exp/checkpoint')], 'origin-mismatch'],
      [['--out', 'exp', '--old', 'README'], 'note-malformed'],
      [['--out', 'rows.csv'], 'rows.csv is there: name a new file'],
      [['--out', 'data'], 'is not empty'],
      [['--out', 'rows.csv/x'], 'EEXIST'],
    ] as const)
      expect([
        args,
        await runCli(['ledger', 'export', '--receiver', receiver, ...args], { cwd, env }),
      ]).toMatchObject([args, refused(2, said)])
    expect(await actions()).toEqual([])
    const toOutput = ['ledger', 'export', '--receiver', receiver, '--out', '-']
    expect(await hangUp(toOutput, { cwd, env })).toEqual({ code: 3, err: '' })
    while ((await actions()).length < 2) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await actions()).toEqual(['export', 'export-aborted'])
  }, 60_000)

  test('that is cut off in its rows is told in one line, and nothing is kept', async () => {
    answer = (_req, res) => {
      res.writeHead(200, { 'x-export-id': 'x', 'content-length': '1000' })
      res.write('index,entry\r\n', () => res.destroy())
    }
    for (const out of ['exp', 'exp.csv'])
      expect(await runCli(['ledger', 'export', '--receiver', url, '--out', out], { cwd })).toMatchObject(
        refused(3, 'cut off .the connection was lost.: nothing was kept'),
      )
    expect(readdirSync(cwd)).toEqual([])
  }, 60_000)

  test.each<[string, RequestListener]>([
    ['before its headers', () => undefined],
    [
      'among its rows',
      (_req, res) => {
        res.writeHead(200, { 'x-export-id': 'x' })
        res.write('index,entry\r\n')
      },
    ],
    [
      'after its rows',
      (req, res) => {
        if (req.url?.startsWith('/ledger/export.csv'))
          res.setHeader('x-export-id', 'x').end('index,entry\r\n')
        else res.write('{')
      },
    ],
  ])('ends when the receiver falls silent %s', async (_when, listener) => {
    answer = listener
    const order = readOrder({ out: join(cwd, 'exp'), format: 'csv' })
    const progress = { show: () => undefined, end: () => undefined }
    await underGarbageCollection(() =>
      expect(
        exportFromReceiver({ url, token: undefined, silenceMs: 400 }, order, progress),
      ).rejects.toMatchObject({
        code: 3,
        message: expect.stringContaining('silent: nothing came within 0.4 s') as string,
      }),
    )
    expect(readdirSync(cwd)).toEqual([])
  })
})
