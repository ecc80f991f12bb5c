import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { CliError } from '../../../cli/exit.ts'
import { readFilterFiles } from '../../../cli/filter-files/read-filter-files.ts'
import type { ReadFilterFilesOptions } from '../../../cli/filter-files/read-filter-files.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

const filter = (name: string, more: object = {}) => ({
  name,
  config: {
    content_categories: ['pii'],
    block_action: 'flag_and_pass',
    thresholds: { pii: 0.5 },
    false_positive_tolerance: 0.1,
  },
  ...more,
})

/** Writes files into a folder of their own, and gives the folder. */
function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = tempFolder()
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

const namesIn = (...paths: readonly string[]) => readFilterFiles(paths).map(({ spec }) => spec.name)

/** The problems as they are told, without the folder. */
function problemsOf(
  folder: string,
  paths: readonly string[] = [folder],
  options: ReadFilterFilesOptions = {},
) {
  try {
    readFilterFiles(paths, options)
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    expect(error.code).toBe(2)
    const [, ...lines] = error.message.replaceAll(`${folder}/`, '').split('\n  ')
    return lines
  }
  return []
}

/** The problems of one file, without its name. */
function problemsIn(content: string | Uint8Array, name = 'f.yaml'): readonly string[] {
  return problemsOf(folderOf({ [name]: content })).map((line) => line.replace(`${name}:`, ''))
}

describe('filter files', () => {
  test('hold one filter, a list, a map with the list, or several documents', () => {
    const folder = folderOf({
      'a.json': JSON.stringify(filter('one')),
      'b.yaml': stringify([filter('two'), filter('three')]),
      'c.yml': stringify({ filters: [filter('four')] }),
      'd.yaml': `${stringify(filter('five'))}---\n${stringify(filter('six'))}`,
      'e.JSON': `\ufeff${JSON.stringify({ filters: [filter('seven')] }, null, '\t')}`,
    })
    expect(namesIn(folder)).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven'])
  })

  test('give each filter with its defaults, as it was written, and the places of its values', () => {
    const folder = folderOf({
      'f.yaml': `# a comment\n- ${stringify(filter(' abc ')).replaceAll('\n', '\n  ')}`,
    })
    const [read] = readFilterFiles([folder])
    expect(read?.spec).toMatchObject({ name: 'abc', filter_type: 'safety', enabled: true, priority: 'auto' })
    expect(read?.payload).toEqual(filter(' abc '))
    expect(read?.file).toBe(join(folder, 'f.yaml'))
    expect(read?.locate('name')).toEqual({ line: 2, column: 9 })
    expect(read?.locate('config.content_categories.pii')).toEqual({ line: 5, column: 9 })
    expect(read?.locate('config.thresholds.pii')).toEqual({ line: 8, column: 12 })
    expect(read?.locate('priority')).toEqual({ line: 2, column: 3 })
  })

  test('of a folder are all below it in the order of their paths, but nothing hidden and no folder that is a link', () => {
    const folder = folderOf({
      'b.yaml': stringify(filter('bbb')),
      'a/z.json': JSON.stringify(filter('azz')),
      'a/notes.txt': 'no filter',
      '.git/x.yaml': 'broken: [',
      '.b.yaml.swp': 'x',
      '.hidden.yaml': 'broken: [',
    })
    symlinkSync('..', join(folder, 'a', 'loop'))
    symlinkSync('../b.yaml', join(folder, 'a', 'link.yaml'))
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')])
    expect(namesIn(folder)).toEqual(['bbb', 'azz'])
    // The link and what it leads to are one file.
    expect(namesIn(join(folder, 'a'), folder, join(folder, 'b.yaml'))).toEqual(['bbb', 'azz'])
  })

  test('that are named have any extension: what is JSON is read as JSON, all else as YAML', () => {
    const folder = folderOf({
      one: JSON.stringify(filter('one'), null, '\t'),
      'two.conf': stringify(filter('two')),
    })
    expect(namesIn(join(folder, 'one'), join(folder, 'two.conf'))).toEqual(['one', 'two'])
  })

  test('that are wrong are told all at once, each problem at its place', () => {
    const folder = folderOf({
      'a.yaml': stringify(filter('abc', { enabled: 'yes', colour: 1 })),
      'b.json': '{"name": }',
      'c/d.yaml': 'x: [',
      'e.yaml': stringify(filter('fine')),
    })
    symlinkSync('nowhere', join(folder, 'gone.yaml'))
    mkdirSync(join(folder, 'empty'))
    const told = problemsOf(folder, [folder, join(folder, 'empty'), join(folder, 'absent')])
    expect(told.map((line) => line.split(': ')[0])).toEqual([
      'empty',
      'absent',
      'gone.yaml',
      'a.yaml:9:10',
      'a.yaml:10:1',
      'b.json:1:10',
      'c/d.yaml:1:5',
    ])
  })

  test('say what to do about what people write by mistake', () => {
    const text = `name: abc
enabled: yes
priority: "10"
filterType: safety
thresholds: {}
config:
  content_categories: [hate_speach, pii, pii]
  block_action: block
  thresholds: {pii_conf: 0.9, toxicity: "0.8", violence: 80%, sexual: .nan, pii: "0,5"}
  false_positve_tolerance: 0.1
`
    expect(problemsIn(text)).toEqual([
      '2:10: enabled: true or false is expected: write true or false; in YAML 1.2 yes is a text',
      expect.stringMatching(/^3:11: priority: .*: take the quotes away$/),
      '4:1: filterType: there is no such field: did you mean filter_type?',
      '5:1: thresholds: there is no such field: did you mean config.thresholds?',
      '7:3: config.false_positive_tolerance is missing: a number from 0 to 1 is expected',
      expect.stringMatching(/^7:24: config\.content_categories\.0: .*: did you mean hate_speech\?$/),
      '7:42: config.content_categories.2: each category may stand once',
      expect.stringMatching(/^8:17: config\.block_action: .*: did you mean block_and_log\?$/),
      '9:16: config.thresholds.pii_conf: there is no such threshold: did you mean pii_confidence?',
      expect.stringMatching(/^9:41: config\.thresholds\.toxicity: .*: take the quotes away$/),
      expect.stringMatching(/^9:58: config\.thresholds\.violence: .*: write 0\.8$/),
      '9:71: config.thresholds.sexual: a number from 0 to 1 is expected',
      expect.stringMatching(/^9:82: config\.thresholds\.pii: .*: write a point, not a comma$/),
      '10:3: config.false_positve_tolerance: there is no such field: did you mean false_positive_tolerance?',
    ])
  })

  test.each([
    ['nothing', '', /^1:1: the file is empty/],
    ['white space', ' \n\n', /^1:1: the file is empty/],
    ['comments alone', '# x\n', /^1:1: no filter is in this file/],
    ['an empty list', 'filters: []', /^1:1: no filter is in this file/],
    ['filters that are no list', 'filters: 7', /^1:10: filters: a list/],
    ['a scalar', 'abc', /^1:1: a filter is expected/],
    ['too much', 'a'.repeat(1024 * 1024 + 1), /^1:1: larger than/],
    ['Latin-1', Buffer.from('a: "\ufffd"\nname: "caf\xe9"', 'latin1'), /^\d+:\d+: not UTF-8/],
    ['UTF-16', Buffer.from('\ufeffname: abc', 'utf16le'), /^1:1: the file is in UTF-16/],
    ['a control character', 'name: abc\nx: a\u001bb', /^2:5: a control character \(U\+001B\)/],
    ['__proto__', '__proto__: {name: abc}', /^1:1: __proto__: there is no such field/],
    ['an unknown key beside filters', 'filters: []\nfliters: []', /^2:1: fliters: .*did you mean filters/],
  ])('that hold %s are refused', (_, content, problem) => {
    expect(problemsIn(content)).toEqual([expect.stringMatching(problem)])
  })

  test.each([
    ['f.yaml', 'a: 1\n'.repeat(200_000), 'the key a stands twice here'],
    ['f.yaml', '- {}\n'.repeat(20_000), 'and '],
    ['f.yaml', '---\na: 1\n'.repeat(10_000), 'and '],
    ['f.json', `[${'{},'.repeat(300_000)}{}]`, 'and '],
    [
      'f.json',
      JSON.stringify(Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, 1]))),
      '1:504: more than 64 keys',
    ],
    [
      'f.json',
      JSON.stringify(filter('abc', { config: { content_categories: Array(200_000).fill('x') } })),
      'more than 1000 items',
    ],
  ])('of any bulk get an answer: %s', (name, content, problem) => {
    const told = problemsIn(content, name)
    expect(told.length).toBeLessThanOrEqual(101)
    expect(told.join('\n')).toContain(problem)
  })

  test('of JSON are strict: a comment, a comma too many, and a key that stands twice are refused', () => {
    expect(problemsIn('{} // no', 'f.json')).toEqual([expect.stringMatching(/^1:4: JSON has no comments/)])
    expect(problemsIn('{"name": "abc",}', 'f.json')).toEqual([expect.stringMatching(/^1:16: a comma before/)])
    expect(problemsIn('name: abc', 'f.json')).toEqual([expect.stringMatching(/^1:1: this cannot stand here/)])
    const twice = JSON.stringify(filter('abc')).replace('{', '{"name":"abcd",')
    expect(problemsIn(twice, 'f.json')).toEqual([
      '1:16: the key name stands twice here: take one of them out',
    ])
  })

  test('that broken bytes stand in are told where, whatever stands before them', () => {
    const bytes = Buffer.concat([Buffer.from('\ufeffa: "\ufffd"\nname: "caf'), Buffer.from([0xe9, 0x22])])
    expect(problemsIn(bytes)).toEqual([expect.stringMatching(/^2:11: not UTF-8/)])
  })

  test('print no control character of theirs', () => {
    const told = problemsIn('"\\e[31mred\\u202e": 1').join(' ')
    expect(told).toContain('?[31mred?')
    expect(told).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })
})

describe('a set of filter files', () => {
  test('has each name once and each priority once, and a problem names both places', () => {
    const folder = folderOf({
      'a.yaml': stringify(filter('abc', { priority: 7 })),
      'b.json': JSON.stringify(filter('  abc ', { priority: 'auto' })),
      'c.yaml': stringify(filter('cde', { priority: 7, enabled: 'no' })),
    })
    const told = problemsOf(folder)
    expect(told).toContain('b.json:1:9: the name abc is that of the filter at a.yaml:1:7: rename one')
    expect(told).toContainEqual(
      expect.stringMatching(/^c\.yaml:\d+:11: priority 7 is that of the filter at a\.yaml:/),
    )
    expect(told).toContainEqual(expect.stringMatching(/^c\.yaml:\d+:10: enabled/))
    expect(told).toHaveLength(3)
    expect(problemsOf(folder, [folder], { equalPriorities: 'allow' })).toHaveLength(2)
  })

  test('leaves priorities that are allocated alone', () => {
    const folder = folderOf({
      'a.yaml': stringify([filter('abc'), filter('cde', { priority: 'auto' }), filter('efg')]),
    })
    expect(namesIn(folder)).toHaveLength(3)
  })
})
