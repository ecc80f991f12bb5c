import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parseCheckpoint } from '../../ledger/note/checkpoint.ts'
import { formatVerifierKey, parseVerifierKey, verifierKey } from '../../ledger/note/verifier-key.ts'
import { consistencyProof } from '../../ledger/tree/proof.ts'
import { askWitness } from '../../ledger/witness/ask-witness.ts'
import { draft, openTempLedger, removeTempFolders, tempFolder, TEST_SIGNER } from '../support/temp-ledger.ts'
import { BIN, runCli, serveCli } from './run-cli.ts'

afterAll(removeTempFolders)

let cwd = ''
const children: ChildProcess[] = []
const closers: (() => void)[] = []
beforeEach(() => {
  cwd = tempFolder()
})
afterEach(async () => {
  for (const child of children.splice(0)) await end(child, 'SIGKILL')
  for (const close of closers.splice(0)) close()
})

const cli = (...args: string[]) => runCli(args, { cwd })

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'close')
}

interface WitnessProcess {
  readonly child: ChildProcess
  /** Where it listens; undefined when it ended instead. */
  readonly url: URL | undefined
  readonly code: number | null
  readonly err: string
}

/** Starts `witness serve` and waits until it listens or ends. */
async function serveWitness(log = formatVerifierKey(TEST_SIGNER.key)): Promise<WitnessProcess> {
  const args = [BIN, 'witness', 'serve', '--dir', 'witness', '--log', log, '--port', '0']
  const child = spawn(process.execPath, args, { cwd, env: { PATH: process.env['PATH'] ?? '' } })
  children.push(child)
  let [out, err] = ['', '']
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  await new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve()
    })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      if (out.includes('listens on')) resolve()
    })
  })
  const [, url] = /listens on (\S+)/.exec(out) ?? []
  return { child, url: url === undefined ? undefined : new URL(url), code: child.exitCode, err }
}

describe('a witness and its folder', () => {
  test('of several processes that start at once, one serves; the others say why they do not', async () => {
    await cli('witness', 'init', '--dir', 'witness', '--name', 'w.test/one')
    const started = await Promise.all([serveWitness(), serveWitness(), serveWitness()])
    expect(started.filter(({ url }) => url !== undefined)).toHaveLength(1)
    for (const { code, err } of started.filter(({ url }) => url === undefined)) {
      expect([code, err]).toEqual([
        3,
        'filter-ledger: another process is the witness of witness: stop it first. Two would cosign two histories [ledger-in-use]\n',
      ])
    }
  }, 60_000)

  test('the next process goes on from what a killed one cosigned', async () => {
    const key = parseVerifierKey(
      (await cli('witness', 'init', '--dir', 'witness', '--name', 'w.test/one')).out,
    )
    const [ledger, fork] = [await openTempLedger(), await openTempLedger()]
    try {
      for (const each of [ledger, fork]) await each.append({ entry: draft() })
      const ask = (each: typeof ledger, url: URL | undefined) =>
        askWitness(
          { url: url ?? new URL('http://127.0.0.1:1/'), key },
          {
            checkpoint: each.log.checkpoint() ?? '',
            oldSize: 0,
            proofBetween: (from, to) => consistencyProof(from, to, each.log.node),
          },
          { fetch, now: () => new Date() },
        )
      const first = await serveWitness()
      await expect(ask(ledger, first.url)).resolves.toMatchObject({ name: 'w.test/one' })
      await end(first.child, 'SIGKILL')
      const second = await serveWitness()
      await expect(ask(fork, second.url)).rejects.toMatchObject({ code: 'ledger-forked' })
      await expect(ask(ledger, second.url)).resolves.toMatchObject({ name: 'w.test/one' })
    } finally {
      await ledger.close()
      await fork.close()
    }
  }, 60_000)

  test('a folder without a key is refused with what to do', async () => {
    const { code, err } = await cli('witness', 'show', '--dir', join(cwd, 'absent'))
    expect([code, err]).toEqual([2, expect.stringContaining('run `filter-ledger witness init`')])
  })
})

const key = (name: string, publicKey = randomBytes(32)): string =>
  formatVerifierKey(verifierKey(name, 'cosignature', publicKey))

/** Answers as a witness that has another history, from the moment that it is told to. */
async function startAlarming(): Promise<{ readonly url: string; readonly alarm: () => void }> {
  let isAlarmed = false
  const server = createServer((_req, res) => {
    res.writeHead(isAlarmed ? 422 : 503).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    alarm: () => {
      isAlarmed = true
    },
  }
}

describe('the witnesses of a receiver', () => {
  test('of whom one sees another history while it serves: an error in the log, and a metric', async () => {
    const witness = await startAlarming()
    writeFileSync(join(cwd, 'witnesses'), `${witness.url} ${key('w.test/one')}\n`)
    const { url, lines, end: stop } = await serveCli({ cwd, env: { FILTER_LEDGER_WITNESSES: 'witnesses' } })
    try {
      witness.alarm()
      const errors = (): readonly string[] => lines.filter((line) => line.includes('"ledger-forked"'))
      while (errors().length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
      expect(JSON.parse(errors()[0] ?? '')).toMatchObject({ level: 50, witness: 'w.test/one' })
      const token = (await cli('token', 'issue', '--scope', 'metrics:read', '--subject', 'p')).out.trim()
      const scraped = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
      const text = await scraped.text()
      const answers = 'filter_ledger_witness_answers_total{witness="w.test/one",outcome='
      expect(text).toContain(`${answers}"ledger-forked"} 1\n`)
      expect(text).toContain(`${answers}"ledger-rolled-back"} 0\n`)
      expect(text).toMatch(/outcome="witness-unreachable"\} [1-9]/)
      expect((await fetch(`${url}/health/live`)).status).toBe(200)
    } finally {
      await stop('SIGTERM')
    }
  }, 60_000)

  test('have to cosign before a proof or a published folder shows a checkpoint', async () => {
    for (const args of [['keys', 'init'], ['migrate'], ['ledger', 'export', '--out', 'rows.csv']])
      expect(await cli(...args)).toMatchObject({ code: 0 })
    const log = (await cli('keys', 'show', '--vkey')).out.trim()
    const witnessKey = (await cli('witness', 'init', '--dir', 'witness', '--name', 'w.test/one')).out.trim()
    const env = { FILTER_LEDGER_WITNESSES: 'witnesses', FILTER_LEDGER_WITNESS_QUORUM: '1' }
    const show = async (witnessUrl: string) => {
      writeFileSync(join(cwd, 'witnesses'), `${witnessUrl} ${witnessKey}\n`)
      const { url, end: stop } = await serveCli({ cwd, env })
      const answers = await Promise.all(
        ['/checkpoint', '/ledger/entries/0/proof', '/ledger/entries/0/proof?size=2'].map(async (path) => {
          const answer = await fetch(url + path)
          return [answer.status, (await answer.text()).includes('\u2014 w.test/one ')] as const
        }),
      )
      await stop('SIGTERM')
      return answers
    }
    expect(await show('http://127.0.0.1:1/')).toEqual(Array.from({ length: 3 }, () => [404, false]))
    expect(await runCli(['ledger', 'publish', '--out', 'public'], { cwd, env })).toMatchObject({
      code: 1,
      err: expect.stringContaining('FILTER_LEDGER_WITNESS_QUORUM') as string,
    })
    expect(existsSync(join(cwd, 'public'))).toBe(false)

    const { url: witnessUrl } = await serveWitness(log)
    expect(await show(witnessUrl?.href ?? '')).toEqual(Array.from({ length: 3 }, () => [200, true]))
    // A newer entry, which no witness has seen: the folder ends where the cosigned checkpoint does.
    expect(await cli('ledger', 'export', '--out', 'more.csv')).toMatchObject({ code: 0 })
    expect(await runCli(['ledger', 'publish', '--out', 'public', '--entries'], { cwd, env })).toMatchObject({
      code: 0,
      err: '',
    })
    const published = readFileSync(join(cwd, 'public/checkpoint'), 'utf8')
    expect([parseCheckpoint(published).size, published.includes('\u2014 w.test/one ')]).toEqual([2, true])
    expect((await cli('ledger', 'verify', 'public', '--vkey', log)).out).toContain('is whole: 2 entries')
  }, 90_000)

  test('of whom one is named twice, by its name or by its key, are refused at start', async () => {
    const bytes = randomBytes(32)
    for (const [first, second] of [
      [key('w.test/one', bytes), key('w.test/one', bytes)],
      [key('w.test/one'), key('w.test/one')],
      [key('w.test/one', bytes), key('w.test/two', bytes)],
    ] as const) {
      writeFileSync(
        join(cwd, 'witnesses'),
        `# ours\nhttp://127.0.0.1:1/ ${first}\n\nhttp://127.0.0.1:2/ ${second}\n`,
      )
      const env = { FILTER_LEDGER_WITNESSES: 'witnesses', FILTER_LEDGER_WITNESS_QUORUM: '2' }
      const refused = await runCli(['serve', '--sandbox'], { cwd, env: { ...env, FILTER_LEDGER_PORT: '0' } })
      expect(refused).toMatchObject({
        code: 2,
        err: expect.stringMatching(
          /^filter-ledger: witnesses, line 4: the name or the key of \S+ stands there twice\n$/,
        ) as string,
      })
    }
  }, 60_000)
})
