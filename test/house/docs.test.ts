import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { drawsOf } from '../../ledger/metrics/sampling-plan.ts'
import { openShell } from '../cli/pipeline/pipeline-shell.ts'
import { runCli, serveCli } from '../cli/run-cli.ts'
import { ROOT, blocksOf, bash, scriptOf, shape } from '../support/doc-blocks.ts'
import { removeTempFolders } from '../support/temp-ledger.ts'

const pages = readdirSync(ROOT)
  .filter((name) => name.endsWith('.md'))
  .concat(
    readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name)),
  )

describe('docs/running-actions.md', () => {
  test('runs our actions with a token, and with one that the auth action fetches', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-running-actions-'))
    const server = await serveCli({ cwd })
    try {
      const page = readFileSync(join(ROOT, 'docs', 'running-actions.md'), 'utf8')
      const shell = blocksOf(page).filter(({ language }) => language === 'sh')
      const { code, out, err } = await bash(scriptOf(shell, server.url), cwd)
      expect({ code, err, out }).toMatchObject({ code: 0 })
      const statuses = [...out.matchAll(/"status": "(\w+)"/g)].map(([, status]) => status)
      expect(statuses).toEqual(['registered', 'registered', 'found', 'found'])
      expect(err).toMatch(/fetch a token[^]*access_token[^]*Authorization": "bearer \(hidden\)"/)
      const secret = readFileSync(join(cwd, 'client-secret.txt'), 'utf8').trim()
      expect(out + err).not.toContain(secret)
    } finally {
      await server.end('SIGTERM')
      rmSync(cwd, { recursive: true, force: true })
    }
  }, 60_000)
})

describe('docs/auditing.md', () => {
  test('is enough to export, take away, verify, be told of a changed character, and do it again', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-auditing-'))
    const server = await serveCli({ cwd })
    try {
      cpSync(join(ROOT, 'examples', 'production-toxicity-guard.json'), join(cwd, 'filter.json'))
      const cli = async (...args: readonly string[]) => (await runCli(args, { cwd })).out.trim()
      const flow = await cli('token', 'issue', '--scope', 'actions:deploy-filter', '--subject', 'flow')
      await cli('deploy', 'filter.json', '--receiver', server.url, '--token', flow)
      writeFileSync(join(cwd, 'verifier-key.txt'), await cli('keys', 'show', '--vkey'))
      const token = await cli(
        'token',
        'issue',
        '--scope',
        'ledger:export',
        'ledger:read',
        '--subject',
        'auditor',
      )
      const page = readFileSync(join(ROOT, 'docs', 'auditing.md'), 'utf8')
      const shell = blocksOf(page).filter(({ language }) => language === 'sh')
      const { code, out, err } = await bash(scriptOf(shell, server.url), cwd, { FILTER_LEDGER_TOKEN: token })
      expect({ code, err, out }).toMatchObject({ code: 0, err: '' })
      const [exported, taken, altered, again, choices, whole] = out.split('\n=== next block\n')
      expect(exported).toMatch(/rows written to export \(recorded as entry \d+\)/)
      expect(taken).toContain('HOLDS')
      expect(taken).not.toContain('does NOT hold')
      expect(altered).toContain('does NOT hold')
      expect(altered).toMatch(/row 1, entry 0: column \/type/)
      expect(again).toContain('the ledger goes on from it')
      expect(choices).toMatch(/not that none was left out[\s\S]*\{"index":0,"entry":/)
      expect(whole).toContain('is whole')
      expect(out).toMatch(/is whole[^\n]*\n {2}signatures: \d+ verified/)
    } finally {
      await server.end('SIGTERM')
      rmSync(cwd, { recursive: true, force: true })
    }
  }, 120_000)
})

describe('docs/reports.md', () => {
  test('is enough to make each report, check a file, and prove a row', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-reports-'))
    const server = await serveCli({ cwd })
    try {
      const file = join(ROOT, 'examples', 'production-toxicity-guard.json')
      const tokenFor = async (...scopes: readonly string[]) =>
        (await runCli(['token', 'issue', '--scope', ...scopes, '--subject', 'auditor'], { cwd })).out.trim()
      const flow = await tokenFor('actions:deploy-filter')
      await runCli(['deploy', file, '--receiver', server.url, '--token', flow], { cwd })
      const token = await tokenFor('ledger:export', 'ledger:read')
      const page = readFileSync(join(ROOT, 'docs', 'reports.md'), 'utf8')
      const shell = blocksOf(page).filter(({ language }) => language === 'sh')
      const { code, out, err } = await bash(scriptOf(shell, server.url), cwd, { FILTER_LEDGER_TOKEN: token })
      expect({ code, err, out }).toMatchObject({ code: 0, err: '' })
      const [made, file1, row, leaf] = out.split('\n=== next block\n')
      expect(made?.match(/ rows of .* \(recorded as entry \d+\)/g)).toHaveLength(4)
      expect(file1).toMatch(/"sha256": "[0-9a-f]{64}"[^]*\n1\n/)
      expect(row).toMatch(/"type":"deployment.requested"[^]*c2sp.org\/tlog-proof[^]*row HOLDS/)
      expect(leaf?.trim()).toBe('1')
    } finally {
      await server.end('SIGTERM')
      rmSync(cwd, { recursive: true, force: true })
    }
  }, 120_000)
})

describe('docs/keeping-the-ledger.md', () => {
  test('can be followed from its first line to its last', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-keeping-'))
    try {
      const page = readFileSync(join(ROOT, 'docs', 'keeping-the-ledger.md'), 'utf8')
      const shell = blocksOf(page).filter(({ language }) => language === 'sh')
      const { code, out, err } = await bash(scriptOf(shell, ''), cwd)
      expect({ code, err, out }).toMatchObject({ code: 0, err: '' })
      expect(out).toMatch(/audit\.example\.com\/filter-ledger\/prod\+[0-9a-f]{8}\+/)
      expect(out.match(/is whole/g)).toHaveLength(3)
      expect(out).toContain('would be erased')
      expect(out).toContain('nothing to archive')
      expect(out).toContain('"ok":true')
      expect(out).toMatch(/the metrics are what its \d+ entries give\n.*the metrics are made anew/)
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  }, 120_000)
})

describe('docs/history.md', () => {
  test('tells and shows a filter beside a receiver that is running', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-history-'))
    const server = await serveCli({ cwd })
    try {
      const issued = await runCli(
        ['token', 'issue', '--scope', 'actions:deploy-filter', '--subject', 'flow'],
        { cwd },
      )
      const file = join(ROOT, 'examples', 'production-toxicity-guard.json')
      await runCli(['deploy', file, '--receiver', server.url, '--token', issued.out.trim()], { cwd })
      const page = readFileSync(join(ROOT, 'docs', 'history.md'), 'utf8')
      const shell = blocksOf(page).filter(({ language }) => language === 'sh')
      const { code, out } = await bash(scriptOf(shell, server.url), cwd)
      expect(code).toBe(0)
      expect(out).toMatch(/^production-toxicity-guard \(.*\), live, 1 revision\n/)
      expect(out).toContain('"name": "production-toxicity-guard"')
    } finally {
      await server.end('SIGTERM')
      rmSync(cwd, { recursive: true, force: true })
    }
  }, 60_000)
})

describe('docs/filters-as-code.md', () => {
  test('can be followed with the filters of the examples, from the first plan to a deleted filter', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-as-code-'))
    cpSync(join(ROOT, 'examples'), join(cwd, 'examples'), { recursive: true })
    const server = await serveCli({ cwd })
    try {
      const scopes = ['pipeline:read', 'pipeline:write']
      const token = (await runCli(['token', 'issue', '--scope', ...scopes], { cwd })).out.trim()
      const page = readFileSync(join(ROOT, 'docs', 'filters-as-code.md'), 'utf8')
      const shell = blocksOf(page).filter(({ language }) => language === 'sh')
      const { code, out, err } = await bash(scriptOf(shell, server.url), cwd, { FILTER_LEDGER_TOKEN: token })
      expect({ code, out, err }).toMatchObject({ code: 0 })
      const [first, changed, reviewed, pruned, single] = out.split('\n=== next block\n')
      expect(first).toMatch(/4 to create[\s\S]*applied: 4 line\(s\)[\s\S]*4 unchanged; /)
      expect(changed?.match(/^[+~-] /gm)).toEqual(['~ '])
      expect(changed).toContain('config.thresholds.self_harm: 0.35 -> 0.4')
      expect(reviewed).toMatch(/applied: 1 line\(s\)/)
      expect(pruned).toMatch(/^- phishing-links [\s\S]*^removed: phishing-links /m)
      expect(single?.match(/^\w+(?=: )/gm)).toEqual(['registered', 'registered', 'registered', 'removed'])
    } finally {
      await server.end('SIGTERM')
      rmSync(cwd, { recursive: true, force: true })
    }
  }, 120_000)
})

describe('docs/replay.md', () => {
  test('replays a raised and a lowered threshold beside a receiver, and shows the table that is printed', async () => {
    const shell = await openShell('through a receiver')
    try {
      cpSync(join(ROOT, 'examples'), join(shell.cwd, 'examples'), { recursive: true })
      const scopes = ['pipeline:read', 'pipeline:write', 'actions:record-block']
      const token = (await runCli(['token', 'issue', '--scope', ...scopes], shell)).out.trim()
      const page = readFileSync(join(ROOT, 'docs', 'replay.md'), 'utf8')
      const blocks = blocksOf(page).filter(({ language }) => language === 'sh')
      const env = { ...shell.env, FILTER_LEDGER_TOKEN: token }
      const { code, out, err } = await bash(scriptOf(blocks, shell.url ?? ''), shell.cwd, env)
      expect({ code, out, err }).toMatchObject({ code: 0 })
      const [recorded, raised, lowered] = out.split('\n=== next block\n')
      expect(JSON.parse(recorded ?? '')).toMatchObject({ status: 'recorded', recorded: 3 })
      const table = blocksOf(page).find(({ language }) => language === 'text')?.text
      expect(raised).toContain(`\n${table ?? 'the page shows none'}`)
      expect(lowered).toMatch(/ pii +3 +3 +0 +0 +0 +0 +0 +0 +0\.9-0\.92\n[^]* no decision there was found, /)
    } finally {
      await shell.close()
      removeTempFolders()
    }
  }, 120_000)
})

describe('docs/authentication.md', () => {
  test('makes a client, gets a token by it, rotates it and takes it away, beside a receiver that is running', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-authentication-'))
    const server = await serveCli({ cwd })
    try {
      const page = readFileSync(join(ROOT, 'docs', 'authentication.md'), 'utf8')
      const shell = blocksOf(page).filter(({ language }) => language === 'sh')
      const { code, out, err } = await bash(scriptOf(shell, server.url), cwd)
      expect({ code, err, out }).toMatchObject({ code: 0, err: '' })
      const [, entries = '', rotated = '', removed = ''] = out.split('\n=== next block\n')
      expect(entries).toMatch(/"type":"token.issued"/)
      expect(rotated).toMatch(/^client id[^\n]*\narchitect-[0-9a-f]{12} /)
      expect(removed).toMatch(/^removed: architect-[0-9a-f]{12}; /)
    } finally {
      await server.end('SIGTERM')
      rmSync(cwd, { recursive: true, force: true })
    }
  }, 60_000)
})

describe('docs/recording.md', () => {
  test('records a decision, evaluations, a verdict and a batch, and shows the answer that a batch has', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-recording-'))
    const server = await serveCli({ cwd })
    try {
      const page = readFileSync(join(ROOT, 'docs', 'recording.md'), 'utf8')
      const blocks = blocksOf(page)
      const shell = blocks.filter(({ language }) => language === 'sh')
      const { code, out, err } = await bash(scriptOf(shell, server.url), cwd)
      expect({ code, err, out }).toMatchObject({ code: 0, err: '' })
      const [, ...answers] = out.split('\n=== next block\n').map((text) => text.trim())
      const [block, evaluations, verdict, batch] = answers.map((text) => JSON.parse(text) as unknown)
      const recorded = { status: 'recorded', errorCode: '', duplicate: false }
      expect(block).toMatchObject({ ...recorded, warning: '' })
      expect(evaluations).toMatchObject({ ...recorded, warning: '' })
      expect(verdict).toMatchObject(recorded)
      const shown = JSON.parse(blocks.find(({ language }) => language === 'json')?.text ?? '') as object
      const { results, ...counts } = shown as { readonly results: readonly object[] }
      expect(batch).toMatchObject(counts)
      expect(shape(batch)).toEqual(shape(shown))
      expect(batch).toMatchObject({
        results: [
          { ...results[0], entryId: expect.any(String), entryIndex: expect.any(Number) },
          { line: 2, ...recorded },
          { line: 3, status: 'recorded', duplicate: true },
          { line: 4, status: 'rejected', violations: ['score: must be at most 1'] },
        ],
      })
    } finally {
      await server.end('SIGTERM')
      rmSync(cwd, { recursive: true, force: true })
    }
  }, 60_000)
})

describe('docs/reviewing.md', () => {
  test('prints the draw that the ledger has, without our program', async () => {
    const page = readFileSync(join(ROOT, 'docs', 'reviewing.md'), 'utf8')
    const [block] = blocksOf(page).filter(({ language }) => language === 'sh')
    const [, seed = '', id = ''] = /' ([\w-]+) ([\w-]+)\n$/.exec(block?.text ?? '') ?? []
    const { code, out, err } = await bash(block?.text ?? '', ROOT)
    expect({ code, out, err }).toEqual({ code: 0, out: `${drawsOf(seed, id).review}\n`, err: '' })
  })
})

describe('the pages', () => {
  test.each(pages)('%s links only to what is there', (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\(([^)#:]+)\)/g)) {
      expect({ page, target, exists: existsSync(join(ROOT, dirname(page), target)) }).toMatchObject({
        exists: true,
      })
    }
  })

  test('every command line in them names a command and options that exist', async () => {
    const lines = pages.flatMap((page) =>
      blocksOf(readFileSync(join(ROOT, page), 'utf8')).flatMap(({ text }) =>
        text.split('\n').filter((line) => line.includes('npx filter-ledger ')),
      ),
    )
    expect(lines.length).toBeGreaterThan(8)
    const told = new Map<string, ReturnType<typeof runCli>>()
    const helpOf = (names: readonly string[]): ReturnType<typeof runCli> => {
      const help = told.get(names.join(' ')) ?? runCli([...names, '--help'], { cwd: ROOT })
      told.set(names.join(' '), help)
      return help
    }
    for (const line of new Set(lines)) {
      const words = line
        .slice(line.indexOf('npx filter-ledger ') + 'npx filter-ledger '.length)
        .replace(/\)"?$/, '')
        .split(/\s+/)
      const names = words.slice(
        0,
        words.findIndex(
          (word, i) =>
            i > 0 &&
            !/^(export|verify|issue|init|show|rotate|publish|backup|restore|archive|erase|rebuild-tiles|serve|send|keygen|listen|add|list|remove|build|lint|run|install|uninstall|terraform|next|label|stats|plan|verify-sample)$/.test(
              word,
            ),
        ) >>> 0,
      )
      const { code, out } = await helpOf(names)
      expect({ line, code }).toEqual({ line, code: 0 })
      for (const option of words.filter((word) => word.startsWith('--') && word !== '--help'))
        expect({ line, option, known: out.includes(option) }).toMatchObject({ known: true })
    }
  }, 180_000)
})
