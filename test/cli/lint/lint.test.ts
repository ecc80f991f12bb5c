import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { RULES } from '../../../actions/lint/lint-filters.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'
import { runCli } from '../run-cli.ts'
import { sarifProblems } from './sarif-structure.ts'

afterAll(removeTempFolders)

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const WARNS = `name: "gu\u00e4rd"
config:
  content_categories: [violence]
  block_action: flag_and_pass
  thresholds: { violence: 0.5 }
  false_positive_tolerance: 0
`
const FAILS = WARNS.replace('violence: 0.5', '"violence": 1').replace('rance: 0', 'rance: 0.1')

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = tempFolder()
  mkdirSync(join(folder, 'my filters'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'my filters', name), text)
  return folder
}

const lint = (cwd: string, ...args: readonly string[]) => runCli(['lint', ...args], { cwd })

interface Sarif {
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly rules: readonly { readonly id: string; readonly helpUri?: string }[] }
    }
    readonly results: readonly {
      readonly ruleId: string
      readonly ruleIndex: number
      readonly locations: readonly { readonly physicalLocation: object }[]
      readonly partialFingerprints: object
    }[]
  }[]
}

describe('lint', () => {
  test('of the examples has nothing to say', async () => {
    expect(await lint(ROOT, '-f', 'examples/filters', '--strict')).toEqual({
      code: 0,
      out: '',
      err: '4 filter(s), 0 error(s), 0 warning(s)\n',
    })
  })

  test('tells a finding in one line with its place, and by its exit code whether one is an error', async () => {
    const cwd = folderWith({ 'a.yaml': WARNS, 'b.yaml': FAILS.replace('gu\u00e4rd', 'other') })
    const both = await lint(cwd, '-f', 'my filters')
    expect(both.code).toBe(1)
    expect(both.out.split('\n')).toEqual([
      expect.stringMatching(
        /^my filters\/a\.yaml:6:29 warning tolerance-zero gu\u00e4rd: the first false positive/,
      ),
      expect.stringMatching(/^my filters\/b\.yaml:3:24 warning category-shadowed other: gu\u00e4rd decides/),
      expect.stringMatching(/^my filters\/b\.yaml:5:29 error threshold-at-bound other: violence is 1/),
      '',
    ])
    expect(both.err).toBe('2 filter(s), 1 error(s), 2 warning(s)\n')
    const one = ['-f', 'my filters/a.yaml']
    expect(await lint(cwd, ...one)).toMatchObject({ code: 0 })
    expect(await lint(cwd, ...one, '--strict')).toMatchObject({ code: 1 })
    expect(
      await lint(cwd, ...one, '--strict', '--ignore', 'threshold-at-bound, tolerance-zero'),
    ).toMatchObject({
      code: 0,
      out: '',
    })
  })

  test('reads standard input, and takes a filter for new unless it is told to be live', async () => {
    const input = WARNS.replace('flag_and_pass', 'block_and_log').replace('rance: 0', 'rance: 0.1')
    const args = ['lint', '-f', '-', '--format', 'json']
    const asNew = await runCli(args, { cwd: tempFolder(), input })
    expect(JSON.parse(asNew.out)).toMatchObject({
      filters: 1,
      errors: 0,
      warnings: 1,
      findings: [
        { ruleId: 'first-deployment-blocks', file: '<stdin>', line: 4, column: 17, filter: 'gu\u00e4rd' },
      ],
    })
    const asLive = await runCli([...args, '--live', 'x,gu\u00e4rd'], { cwd: tempFolder(), input })
    expect(JSON.parse(asLive.out)).toMatchObject({ warnings: 0, findings: [] })
  })

  test('of what is no filter is refused with all that is wrong, and so is what it does not know', async () => {
    const cwd = folderWith({ 'a.yaml': WARNS.replace('0.5', '5'), 'b.json': '{' })
    const refused = await lint(cwd, '-f', 'my filters', '-f', 'absent', '--format', 'sarif')
    expect(refused).toMatchObject({ code: 2, out: '' })
    for (const place of ['absent: ', 'my filters/a.yaml:5:27: ', 'my filters/b.json:1:2: '])
      expect(refused.err).toContain(`\n  ${place}`)
    expect(await lint(cwd)).toMatchObject({ code: 2, err: expect.stringContaining('-f FILE') })
    expect(await lint(cwd, '-f', 'absent', '--ignore', 'tolerance-null')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no rule tolerance-null.*\n.*there are: threshold-without-category, /),
    })
    expect(await lint(cwd, '-f', 'absent', '--docs-url', 'docs/lint.md')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--docs-url takes a URL'),
    })
  })

  test('reports two filters with one priority as a finding', async () => {
    const first = `priority: 7\n${WARNS}`
    const cwd = folderWith({ 'a.yaml': `${first}---\n${first.replace('gu\u00e4rd', 'other')}` })
    expect(await lint(cwd, '-f', 'my filters', '--ignore', 'tolerance-zero')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^my filters\/a\.yaml:9:11 error equal-priorities other: [^\n]*\n$/),
    })
  })
})

describe('lint, as SARIF', () => {
  const sarif = async (cwd: string, ...args: readonly string[]): Promise<Sarif> => {
    const { out } = await lint(cwd, '--format', 'sarif', ...args)
    const log = JSON.parse(out) as Sarif
    expect(sarifProblems(log)).toEqual([])
    return log
  }

  test('is a log of version 2.1.0 with all rules, their pages, and a result for each finding', async () => {
    const cwd = folderWith({ 'a.yaml': WARNS, 'b.yaml': FAILS.replace('gu\u00e4rd', 'other') })
    const url = 'https://git.example.com/filter-ledger/docs/lint.md'
    const [run] = (await sarif(cwd, '-f', 'my filters', '--docs-url', url)).runs
    expect(run?.tool.driver.rules.map(({ id, helpUri }) => [id, helpUri])).toEqual(
      RULES.map(({ id }) => [id, `${url}#${id}`]),
    )
    for (const rule of run?.tool.driver.rules ?? [])
      expect(rule).toMatchObject({ help: { markdown: expect.stringContaining('```yaml') } })
    expect(run?.results).toMatchObject([
      { ruleId: 'tolerance-zero', level: 'warning' },
      { ruleId: 'category-shadowed', level: 'warning' },
      {
        ruleId: 'threshold-at-bound',
        level: 'error',
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'my%20filters/b.yaml', uriBaseId: '%SRCROOT%' },
              region: { startLine: 5, startColumn: 29 },
            },
          },
        ],
      },
    ])
    for (const { ruleId, ruleIndex } of run?.results ?? [])
      expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
  })

  test('has no rule that was left out, and knows a finding again after its line moved', async () => {
    const cwd = folderWith({ 'a.yaml': WARNS })
    const [before] = (await sarif(cwd, '-f', 'my filters', '--ignore', 'threshold-at-bound')).runs
    writeFileSync(join(cwd, 'my filters', 'a.yaml'), `# a line more\n${WARNS}`)
    const [after] = (await sarif(cwd, '-f', 'my filters')).runs
    expect(before?.tool.driver.rules).toHaveLength(RULES.length - 1)
    expect(after?.results[0]?.locations).not.toEqual(before?.results[0]?.locations)
    expect(after?.results[0]?.partialFingerprints).toEqual(before?.results[0]?.partialFingerprints)
  })

  test('is whole without a finding, and has an absolute address for a file outside of the folder', async () => {
    const cwd = folderWith({ 'a.yaml': WARNS })
    expect((await sarif(cwd, '-f', 'my filters', '--ignore', 'tolerance-zero')).runs[0]?.results).toEqual([])
    const outside = join(cwd, 'my filters', 'a.yaml')
    expect((await sarif(tempFolder(), '-f', outside)).runs[0]?.results).toMatchObject([
      { locations: [{ physicalLocation: { artifactLocation: { uri: pathToFileURL(outside).href } } }] },
    ])
  })

  test('that lacks what it needs would be found out by this test', () => {
    expect(sarifProblems({ version: '2.1.0', runs: [{ tool: { driver: { name: 'x' } } }] })).toEqual(
      expect.arrayContaining(['log.runs.0.results is missing', 'log.runs.0.tool.driver.rules is missing']),
    )
    expect(sarifProblems({ version: '2.0.0', runs: [] })).toHaveLength(2)
  })
})
