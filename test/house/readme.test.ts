import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli, serveCli } from '../cli/run-cli.ts'
import { ROOT, readme, blocksOf, section, bash, scriptOf, shape } from '../support/doc-blocks.ts'

describe('README.md', () => {
  test('gives exactly two commands before anything else, and package.json has their scripts', () => {
    const opening = readme.slice(0, readme.indexOf('## '))
    expect(blocksOf(opening).map(({ text }) => text.trim())).toEqual([
      'npm ci && npm run demo',
      'npm ci && npm test',
    ])
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test', 'start', 'check', 'bench']))
  })

  test('its shell lines work as printed, and answer what the examples show', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-readme-'))
    cpSync(join(ROOT, 'examples'), join(cwd, 'examples'), { recursive: true })
    const server = await serveCli({ cwd })
    try {
      const blocks = blocksOf(section('## Try it by hand'))
      const shell = blocks.filter(({ language }) => language === 'sh')
      const { code, out, err } = await bash(scriptOf(shell, server.url), cwd)
      expect({ code, err }).toEqual({ code: 0, err: '' })
      const answers = out.split('\n=== next block\n')
      const examples = blocks.flatMap(({ language, text }, i) =>
        language === 'json' ? [{ text, before: blocks[i - 1] }] : [],
      )
      expect(examples).toHaveLength(2)
      for (const { text, before } of examples) {
        const shown = JSON.parse(text) as { status: string; errorCode: string; violations: readonly string[] }
        const real = JSON.parse(answers[shell.findIndex((block) => block === before)] ?? '') as typeof shown
        expect(shape(real)).toEqual(shape(shown))
        expect([real.status, real.errorCode, real.violations]).toEqual([
          shown.status,
          shown.errorCode,
          shown.violations,
        ])
      }
      expect(answers.at(-2)).toMatch(/is whole: \d+ entries, root [0-9a-f]{64}/)
      expect(answers.at(-1)).toMatch(/^registered: production-toxicity-guard/)
      expect(answers.at(-2)).toMatch(/^\d+ rows written to export .*\n *export HOLDS/)
    } finally {
      await server.end('SIGTERM')
      rmSync(cwd, { recursive: true, force: true })
    }
  }, 60_000)
})

describe('README.md, on filters as code', () => {
  test('plans, applies, changes one threshold, rolls back and tells the history, by shell and by data action', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-as-code-'))
    cpSync(join(ROOT, 'examples'), join(cwd, 'examples'), { recursive: true })
    const server = await serveCli({ cwd })
    try {
      const [token] = blocksOf(section('## Try it by hand')).filter(({ language }) => language === 'sh')
      const shell = blocksOf(section('## Filters as code')).filter(({ language }) => language === 'sh')
      const first = { language: 'sh', text: token?.text.split('\n')[0] ?? '' }
      const { code, out, err } = await bash(scriptOf([first, ...shell], server.url), cwd)
      // What is shown goes to standard output; what is known of it, beside.
      expect({ code, err }).toEqual({
        code: 0,
        err: expect.stringMatching(/^[^\n]*revision 3[^\n]*\n$/) as string,
      })
      const [, rollout = '', change = '', history = '', flow = ''] = out.split('\n=== next block\n')
      expect(rollout).toMatch(/4 to create, 0 to update, 0 unchanged[^]*applied: 4 line\(s\)/)
      expect(change.match(/^ {4}\S.*->.*$/gm)).toEqual(['    config.thresholds.pii_confidence: 0.92 -> 0.9'])
      expect(change).toMatch(/applied: 1 line\(s\)\n0 to create, 0 to update, 4 unchanged/)
      expect(history).toMatch(/CAB-31[^]*registered: personal-data-redaction[^]*pii_confidence: 0\.92/)
      expect(flow.match(/"status":"registered"/g)).toHaveLength(3)
      expect(flow).toMatch(/a second try[^]*no better[^]*demote/)
    } finally {
      await server.end('SIGTERM')
      rmSync(cwd, { recursive: true, force: true })
    }
  }, 60_000)
})

describe('README.md, on tolerances', () => {
  test('records, reviews, raises the alarm, and shows it everywhere', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-tolerance-'))
    const server = await serveCli({ cwd })
    try {
      const [token] = blocksOf(section('## Try it by hand')).filter(({ language }) => language === 'sh')
      const shell = blocksOf(section('## Is a filter within its tolerance?')).filter(
        ({ language }) => language === 'sh',
      )
      const first = { language: 'sh', text: token?.text.split('\n')[0] ?? '' }
      const { code, out, err } = await bash(scriptOf([first, ...shell], server.url), cwd)
      expect({ code, err, out }).toMatchObject({ code: 0 })
      const [, , reviewed = '', told = ''] = out.split('\n=== next block\n')
      expect(readFileSync(join(cwd, 'recorded.json'), 'utf8')).toMatch(
        /^\{"status":"recorded","recorded":20,/,
      )
      expect(reviewed).toMatch(/^Does this text violate the category political\?/)
      expect(reviewed).toMatch(/5 of 20 drawn decisions have a label/)
      expect(told).toMatch(/politics-guard +1 +0\.1 +0 +5 .*YES/)
      expect(told).toMatch(/^filter_ledger_filter_alarm\{filter="[^"]+"\} 1$/m)
      expect(readFileSync(join(cwd, 'report.html'), 'utf8')).toContain('politics-guard')
      expect(readFileSync(join(cwd, 'decisions.csv'), 'utf8').trimEnd().split(/\r?\n/)).toHaveLength(21)
    } finally {
      await server.end('SIGTERM')
      rmSync(cwd, { recursive: true, force: true })
    }
  }, 120_000)
})

describe('README.md, on data actions', () => {
  test('builds, lints, runs each action and installs them twice', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-data-actions-'))
    const server = await serveCli({ cwd })
    try {
      const [token] = blocksOf(section('## Try it by hand')).filter(({ language }) => language === 'sh')
      const shell = blocksOf(section('## Data actions for Genesys Cloud')).filter(
        ({ language }) => language === 'sh',
      )
      const first = { language: 'sh', text: token?.text.split('\n')[0] ?? '' }
      const { code, out, err } = await bash(scriptOf([first, ...shell], server.url), cwd)
      expect({ code, err, out }).toMatchObject({ code: 0 })
      const [, ran = '', installed = ''] = out.split('\n=== next block\n')
      expect(err).toMatch(/11 data action\(s\), 0 error\(s\), 0 warning\(s\), 0 note\(s\)/)
      const statuses = [...ran.matchAll(/"status": "(\w+)"/g)].map(([, status]) => status)
      expect(statuses).toEqual([
        'registered',
        'found',
        'recorded',
        'found',
        'recorded',
        'registered',
        'registered',
        'removed',
      ])
      expect(err).toContain('a flow takes the success path')
      expect(installed).toMatch(
        /16 to do[^]*installed: 16 done[^]*nothing was to do, 16 as they were[^]*uninstalled/,
      )
    } finally {
      await server.end('SIGTERM')
      rmSync(cwd, { recursive: true, force: true })
    }
  }, 120_000)
})

describe('README.md, on connecting a sender', () => {
  test('is enough to make keys and sources, and to send by every scheme, with our program and without it', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-sender-'))
    const shell = blocksOf(section('## Connect a sender of webhooks')).filter(
      ({ language }) => language === 'sh',
    )
    const [making, ...sending] = shell
    try {
      const made = await bash(scriptOf(making ? [making] : [], ''), cwd)
      // openssl shows on standard error that it works on a key.
      expect(made).toMatchObject({ code: 0 })
      const server = await serveCli({ cwd, env: { FILTER_LEDGER_SOURCES: 'sources.json' } })
      try {
        const { code, out, err } = await bash(scriptOf(sending, server.url), cwd)
        expect({ code, err }).toEqual({ code: 0, err: '' })
        const [ours, byHand] = out.split('\n=== next block\n')
        expect(ours?.match(/^202\b/gm)).toHaveLength(3)
        expect(byHand?.trim().split('\n')).toEqual(['202', '202', '202'])
      } finally {
        await server.end('SIGTERM')
      }
      const secrets = ['hub-secret.txt', 'whsec.txt'].flatMap((name) => ['--secret', `file:sender/${name}`])
      const checked = await runCli(['ledger', 'verify', '--evidence', ...secrets], { cwd })
      expect(checked).toMatchObject({ code: 0 })
      expect(checked.out).toContain('6 verified (jws 2, hub-sha256 2, standard-webhooks 2)')
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  }, 60_000)
})
