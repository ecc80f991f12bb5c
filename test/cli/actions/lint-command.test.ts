import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RULES } from '../../../bundle/lint/rules.ts'
import { actionWith, ORDER_ACTION } from '../../bundle/lint/order-action.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'
import { sarifProblems } from '../lint/sarif-structure.ts'
import { runCli } from '../run-cli.ts'

afterAll(removeTempFolders)

const GOOD = JSON.stringify(ORDER_ACTION, null, 2)
const WARNS = GOOD.replace('https:', 'http:')
const FAILS = GOOD.replace('input.orderId', 'input.orderID')

function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = tempFolder()
  mkdirSync(join(folder, 'my exports'))
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, 'my exports', name), content)
  return folder
}

const lint = (cwd: string, ...args: readonly string[]) => runCli(['actions', 'lint', ...args], { cwd })

interface Sarif {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
    readonly results: readonly {
      readonly ruleIndex: number
      readonly ruleId: string
      readonly partialFingerprints: object
    }[]
  }[]
}

describe('actions lint', () => {
  test('has nothing to say of a data action that keeps every rule', async () => {
    expect(await lint(folderWith({ 'a.json': GOOD }), 'my exports/a.json', '--strict')).toEqual({
      code: 0,
      out: '',
      err: '1 data action(s), 0 error(s), 0 warning(s), 0 note(s)\n',
    })
  })

  test('tells a finding in one line with its place in the text of the template, and what to do', async () => {
    const cwd = folderWith({ 'a.json': WARNS, 'b.custom.json': FAILS, 'package.json': '{"name": "x"}' })
    const both = await lint(cwd, 'my exports')
    expect(both).toMatchObject({ code: 1 })
    const column = (FAILS.split('\n')[6] ?? '').indexOf('${input.orderID}') + 1
    expect(both.out.split('\n')).toEqual([
      'my exports/a.json:7:29 warning insecure-url Get Order: the request goes out unencrypted: use https://',
      `my exports/b.custom.json:7:${column} error undefined-variable Get Order: \${input.orderID}: the contract has no input orderID: write orderId: names differ by their case`,
      expect.stringMatching(/^my exports\/b\.custom\.json:32:22 warning unused-input Get Order: /),
      '',
    ])
    expect(both.err).toBe(
      '2 data action(s), 1 error(s), 2 warning(s), 0 note(s); 1 other JSON file(s) passed over\n',
    )
    expect(await lint(cwd, 'my exports/a.json')).toMatchObject({ code: 0 })
    expect(await lint(cwd, 'my exports/a.json', '--strict')).toMatchObject({ code: 1 })
    expect(await lint(cwd, 'my exports/a.json', '--strict', '--ignore', 'insecure-url')).toMatchObject({
      code: 0,
      out: '',
    })
  })

  test('places a finding after escapes of the file, in a template of several lines', async () => {
    const template = '{\n\t"a": "\u00e9\ud83d\ude00",\n\t"b": "${input.none}"\n}'
    const request = {
      requestType: 'POST',
      headers: { 'Content-Type': 'application/json' },
      requestTemplate: template,
    }
    for (const escape of [(text: string) => text, asciiOnly]) {
      const source = escape(JSON.stringify(actionWith({ config: { request } })))
      const { out } = await lint(folderWith({ 'a.json': source }), 'my exports/a.json')
      const column = source.indexOf('${input.none}') + 1
      expect(out).toContain(`a.json:1:${column} error undefined-variable`)
    }
  })

  test('reads standard input with a byte order mark, and gives the findings as JSON', async () => {
    const { code, out } = await runCli(['actions', 'lint', '-', '--format', 'json'], {
      cwd: tempFolder(),
      input: `\ufeff${WARNS}`,
    })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({
      actions: 1,
      errors: 0,
      warnings: 1,
      notes: 0,
      findings: [
        {
          ruleId: 'insecure-url',
          severity: 'warning',
          subject: 'Get Order',
          path: 'config.request.requestUrlTemplate',
          message: 'the request goes out unencrypted',
          fix: 'use https://',
          file: '<stdin>',
          line: 7,
          column: 29,
        },
      ],
    })
  })

  test.each<readonly [string, string | Uint8Array, RegExp]>([
    ['is empty', '', /^f\.json:1:1: the file is empty: a data action is expected\n/],
    [
      'is cut off',
      '{"name": "x",\n "config": {',
      /^f\.json:2:13: the JSON ends too early: a name .* is expected\n/,
    ],
    ['lacks a comma', '{"name": "x"\n "config": {}}', /^f\.json:2:2: .* a comma or } is expected\n/],
    [
      'is UTF-16',
      Buffer.from('\ufeff{}', 'utf16le'),
      /^f\.json:1:1: the file is in UTF-16: save it in UTF-8\n/,
    ],
    ['is binary', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]), /^f\.json:1:1: not UTF-8 from here on/],
    ['is too large', ' '.repeat(50_000_000), /^f\.json:1:1: larger than 1048576 bytes: no data action is/],
    ['nests without end', '['.repeat(100_000), /^f\.json:1:161: nested deeper than 160 levels/],
    [
      'has a member twice',
      '{"name": "x", "config": {}, "name": "y"}',
      /^f\.json:1:29: the key name stands twice/,
    ],
    ['has a comment', '// x\n{}', /^f\.json:1:1: JSON has no comments: take it out\n/],
    ['is a number', '7', /^f\.json:1:1: this is no data action: /],
    ['is other JSON', '{"name": "package"}', /^f\.json:1:1: this is no data action: /],
  ])('names a file that %s, and lints the others', async (_, content, message) => {
    const cwd = folderWith({ 'f.json': content, 'good.json': WARNS })
    const { code, out, err } = await lint(join(cwd, 'my exports'), 'f.json', 'good.json')
    expect({ code, out }).toEqual({
      code: 2,
      out: expect.stringMatching(/^good\.json:7:29 warning insecure-url/),
    })
    expect(err.replace(/^1 data action.*\n/, '')).toMatch(message)
  })

  test('names what is not there, a folder without exports, and a rule that it does not know', async () => {
    const cwd = folderWith({ 'package.json': '{}' })
    expect(await lint(cwd, 'absent.json')).toMatchObject({
      code: 2,
      err: expect.stringContaining('absent.json: there is no such file or folder'),
    })
    expect(await lint(cwd, 'my exports')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no data action is in my exports'),
    })
    expect(await lint(cwd, 'my exports', '--ignore', 'insecure-urls')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/there is no rule insecure-urls.*insecure-url/),
    })
    expect(await lint(cwd)).toMatchObject({ code: 2, err: expect.stringContaining("argument 'files'") })
  })

  test('tells what the import would refuse as a finding, by its member', async () => {
    const source = GOOD.replace('"GET"', '"get"').replace('"application/json"', '5')
    const { code, out } = await lint(folderWith({ 'a.json': source }), 'my exports/a.json')
    expect(code).toBe(1)
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/a\.json:8:22 error definition Get Order: one of GET, PUT, .* is expected/),
      expect.stringMatching(/a\.json:10:19 error definition Get Order: a text is expected, not a number/),
      '',
    ])
  })

  test('shows no control character of a file, and no more of a name than fits a line', async () => {
    const source = JSON.stringify({ ...ORDER_ACTION, name: `\u001b[2J${'n'.repeat(300)}` })
    const { out } = await lint(folderWith({ 'a.json': source }), 'my exports/a.json')
    expect(out).toMatch(
      /^my exports\/a\.json:1:9 error name-length \?\[2Jn{76}\.\.\.: the name has 304 characters/,
    )
  })
})

describe('actions lint, as SARIF', () => {
  test('is a log that code scanning services read, with the rules and their help', async () => {
    const body = '{"a": "${input.x}", "b": "${input.y}"}'
    const many = actionWith({
      config: { request: { requestType: 'POST', headers: {}, requestTemplate: body } },
    })
    const cwd = folderWith({ 'a.json': WARNS, 'b.json': JSON.stringify(many) })
    const { code, out } = await lint(
      cwd,
      'my exports',
      '--format',
      'sarif',
      '--docs-url',
      'https://x.test/l.md',
    )
    const log = JSON.parse(out) as Sarif
    expect(code).toBe(1)
    expect(sarifProblems(log)).toEqual([])
    const [run] = log.runs
    expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual(RULES.map(({ id }) => id))
    expect(run?.tool.driver.rules[0]).toMatchObject({
      helpUri: 'https://x.test/l.md#definition',
      help: { markdown: expect.stringContaining('```json') },
      properties: { tags: ['data-action'] },
    })
    expect(run?.results[0]).toMatchObject({
      ruleId: 'insecure-url',
      level: 'warning',
      message: { text: 'Get Order: the request goes out unencrypted: use https://' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'my%20exports/a.json', uriBaseId: '%SRCROOT%' },
            region: { startLine: 7, startColumn: 29 },
          },
        },
      ],
    })
    for (const { ruleId, ruleIndex } of run?.results ?? [])
      expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
    const alike = (run?.results ?? []).filter(({ ruleId }) => ruleId === 'undefined-variable')
    expect(alike).toHaveLength(2)
    expect(alike[0]?.partialFingerprints).not.toEqual(alike[1]?.partialFingerprints)
  })
})

function asciiOnly(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
