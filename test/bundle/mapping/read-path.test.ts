import fc from 'fast-check'
import { BundleError } from '../../../bundle/bundle-error.ts'
import type { JsonValue } from '../../../bundle/definition/data-action.ts'
import { parsePath } from '../../../bundle/mapping/parse-path.ts'
import { isDefinite } from '../../../bundle/mapping/path-step.ts'
import { readPath } from '../../../bundle/mapping/read-path.ts'

/** A conversation as a platform might answer with it. */
const CALL: JsonValue = {
  id: 'c-1',
  'external tag': 'vip',
  limit: 30,
  wrapUp: null,
  participants: [
    { purpose: 'customer', name: 'Ada', wait: 12, sessions: [{ direction: 'inbound', tags: ['a', 'b'] }] },
    { purpose: 'acd', name: 'Queue', wait: 40, sessions: [] },
    { purpose: 'agent', name: 'Bo', wait: '12', user: { id: 'u-7' }, sessions: [{ direction: 'outbound' }] },
  ],
  scores: [3, 1, 2],
  one: ['only'],
  none: [],
  nested: { id: 'n-1', deeper: { id: 'n-2', list: [{ id: 'n-3' }, { id: 'n-4' }] } },
}

const NOTHING = Symbol('nothing')

function read(path: string, document: JsonValue = CALL): unknown {
  const result = readPath(parsePath(path), document)
  return result.found ? result.value : NOTHING
}

const names = (test: string): unknown => read(`$.participants[?(${test})].name`)

describe('a definite path', () => {
  test.each<[string, unknown]>([
    ['$', CALL],
    ['$.id', 'c-1'],
    ['id', 'c-1'],
    ["['id']", 'c-1'],
    ['@.id', 'c-1'],
    [' $.id ', 'c-1'],
    ["$['external tag']", 'vip'],
    ['$["external tag"]', 'vip'],
    ['$[ "external tag" ]', 'vip'],
    ['$.wrapUp', null],
    ['$.participants[0].name', 'Ada'],
    ['$.participants[-1].user.id', 'u-7'],
    ["$.participants[ 2 ]['user']['id']", 'u-7'],
    ["$['id','limit']", { id: 'c-1', limit: 30 }],
    ["$['id','absent']", { id: 'c-1' }],
    ["$['absent','other']", {}],
  ])('%s is one value', (path, expected) => {
    expect(isDefinite(parsePath(path))).toBe(true)
    expect(read(path)).toEqual(expected)
  })

  test.each([
    '$.absent',
    '$.absent.id',
    '$.wrapUp.code',
    '$.id.length',
    '$.participants[3]',
    '$.participants[-4].name',
    '$.id[0]',
    '$.wrapUp[0]',
    '$.participants.name',
    '$.constructor',
    '$.__proto__',
    '$.participants.length',
    "$.id['a','b']",
  ])('%s leads nowhere', (path) => {
    expect(read(path)).toBe(NOTHING)
  })
})

describe('an indefinite path', () => {
  test.each<[string, unknown]>([
    ['$.participants[*].name', ['Ada', 'Queue', 'Bo']],
    ['$.participants.*.name', ['Ada', 'Queue', 'Bo']],
    ['$.participants[*].user.id', ['u-7']],
    ['$.participants[*].absent', []],
    ['$.none[*]', []],
    ['$.id[*]', []],
    ['$.wrapUp[*]', []],
    ['$.nested.*', ['n-1', { id: 'n-2', list: [{ id: 'n-3' }, { id: 'n-4' }] }]],
    ['$.scores[0,2]', [3, 2]],
    ['$.scores[-1,0,9]', [2, 3]],
    ['$.scores[1:]', [1, 2]],
    ['$.scores[:2]', [3, 1]],
    ['$.scores[:-1]', [3, 1]],
    ['$.scores[0:2]', [3, 1]],
    ['$.scores[0:99]', [3, 1, 2]],
    ['$.scores[-1000:]', [3, 1, 2]],
    ['$.scores[-2:]', [1, 2]],
    ['$.scores[-3:-1]', [3, 1]],
    ['$.scores[5:]', []],
    ['$.scores[2:1]', []],
    ['$..id', ['c-1', 'u-7', 'n-1', 'n-2', 'n-3', 'n-4']],
    ['$.nested..id', ['n-1', 'n-2', 'n-3', 'n-4']],
    ['$..list[0].id', ['n-3']],
    ["$..['id']", ['c-1', 'u-7', 'n-1', 'n-2', 'n-3', 'n-4']],
    [
      "$..['name','wait']",
      [
        { name: 'Ada', wait: 12 },
        { name: 'Queue', wait: 40 },
        { name: 'Bo', wait: '12' },
      ],
    ],
    ['$..tags[0]', ['a']],
    ['$.nested..list..id', ['n-3', 'n-4']],
    ['.list', [[{ id: 'n-3' }, { id: 'n-4' }]]],
    ["$.participants[*]['name','absent']", [{ name: 'Ada' }, { name: 'Queue' }, { name: 'Bo' }]],
    ["$.participants[2]['user','absent'].id", ['u-7']],
    ['$.participants[?(@.user)]..id', ['u-7']],
    ['$.participants[9][*]', []],
  ])('%s is a list', (path, expected) => {
    expect(isDefinite(parsePath(path))).toBe(false)
    expect(read(path)).toEqual(expected)
  })

  test.each([
    '$.absent[*]',
    '$.absent[?(@.a)].b',
    '$.id[0,1]',
    '$.wrapUp[1:]',
    "$.id[?(@.a=='x')]",
    '$.absent..id',
  ])('%s leads nowhere: what stands before its first indefinite step is not there', (path) => {
    expect(read(path)).toBe(NOTHING)
  })

  test('one end of a slice from behind and the other not finds nothing, or counts round', () => {
    expect(read('$.scores[1:-1]')).toEqual([])
    expect(read('$.scores[-1:2]')).toEqual([2, 3, 1])
  })

  test('a scan to an index with a step after it goes on from every item', () => {
    expect(read('$..[0].id')).toEqual(['n-3', 'n-4'])
  })
})

describe('a filter', () => {
  test.each<[string, readonly string[]]>([
    ["@.purpose=='acd'", ['Queue']],
    ['@.purpose == "acd"', ['Queue']],
    ["'acd' == @.purpose", ['Queue']],
    ["@['purpose']=='acd'", ['Queue']],
    ["@.purpose!='acd'", ['Ada', 'Bo']],
    ["@.absent!='acd'", ['Ada', 'Queue', 'Bo']],
    ['@.absent==null', []],
    ['@.wait == 12', ['Ada', 'Bo']],
    ["@.wait == '12'", ['Ada', 'Bo']],
    ["@.wait == '12.0'", ['Ada']],
    ['@.wait === 12', ['Ada']],
    ['@.wait !== 12', ['Queue', 'Bo']],
    ['@.wait < 30', ['Ada']],
    ['@.wait <= 12', ['Ada']],
    ['@.wait > $.limit', ['Queue']],
    ['@.wait >= 40', ['Queue']],
    ["@.name < 'B'", ['Ada']],
    ['@.wait < null', []],
    ['@.user', ['Bo']],
    ['!@.user', ['Ada', 'Queue']],
    ['!(@.user)', ['Ada', 'Queue']],
    ['$.wrapUp', ['Ada', 'Queue', 'Bo']],
    ['@.sessions[?(@.absent)]', ['Ada', 'Queue', 'Bo']],
    ['@.sessions[*].tags', ['Ada', 'Queue']],
    ["@.purpose=='acd' || @.purpose=='agent'", ['Queue', 'Bo']],
    ["@.purpose=='acd' && @.user || @.name=='Ada'", ['Ada']],
    ["@.purpose=='acd' && (@.user || @.name=='Queue')", ['Queue']],
    ["!(@.purpose=='acd' || @.user)", ['Ada']],
    ['!(!(@.user))', ['Bo']],
    ["@.sessions[0].direction=='inbound'", ['Ada']],
    ['@.sessions.length() == 1', ['Ada', 'Bo']],
    ['@.name =~ /a.*/', []],
    ['@.name =~ /a.*/i', ['Ada']],
    ['@.name =~ /d/', []],
    ['@.wait =~ /1\\d/', ['Ada', 'Bo']],
    ['@.sessions[0].tags =~ /b/', ['Ada']],
    ['/B./ =~ @.name', ['Bo']],
    ['@.absent =~ /.*/', ['Ada', 'Queue', 'Bo']],
    ['@.purpose in [\'acd\', "agent"]', ['Queue', 'Bo']],
    ["@.purpose IN ['acd']", ['Queue']],
    ["@.purpose nin ['acd', 'agent']", ['Ada']],
    ["'a' in @.sessions[0].tags", ['Ada']],
    ["@.sessions[0].tags contains 'b'", ['Ada']],
    ["@.name contains 'ue'", ['Queue']],
    ['@.sessions size 0', ['Queue']],
    ['@.name size 2', ['Bo']],
    ['@.sessions empty true', ['Queue']],
    ['@.user empty false', ['Bo']],
    ["@.sessions[0].tags subsetof ['a','b','c']", ['Ada']],
    ["@.sessions[0].tags anyof ['b','c']", ['Ada']],
    ["@.sessions[0].tags noneof ['c']", ['Ada']],
    ["@.sessions[0].tags == ['a','b']", ['Ada']],
    ['@.user == {"id": "u-7"}', ['Bo']],
  ])('%s', (condition, expected) => {
    expect(names(condition)).toEqual(expected)
  })

  test('an object is asked itself', () => {
    expect(read("$.nested[?(@.id=='n-1')].deeper.id")).toEqual(['n-2'])
    expect(read("$.nested[?(@.id=='n-2')].deeper.id")).toEqual([])
  })

  test('scalars of a list are asked too', () => {
    expect(read('$.scores[?(@ >= 2)]')).toEqual([3, 2])
  })

  test('after a deep scan every object is asked', () => {
    expect(read('$..[?(@.id =~ /n-[34]/)].id')).toEqual(['n-3', 'n-4'])
  })
})

describe('a function at the end', () => {
  test.each<[string, unknown]>([
    ['$.scores.length()', 3],
    ['$.scores.size()', 3],
    ['$.none.length()', 0],
    ['$.nested.length()', 2],
    ['$.id.length()', null],
    ['$.limit.length()', null],
    ['$.length()', 9],
    ['$.length($.scores)', 3],
    ['$.scores.min()', 1],
    ['$.scores.max()', 3],
    ['$.scores.avg()', 2],
    ['$.scores.sum()', 6],
    ['$.scores.sum(4, $.limit)', 40],
    ['$.sum($..wait)', 52],
    ['$..wait.max()', 40],
    ['$..id.length()', 0],
    ['$..participants.length()', 3],
    ['$.nested.keys()', ['id', 'deeper']],
    ['$.scores.keys()', null],
    ['$.scores.first()', 3],
    ['$.scores.last()', 2],
    ['$.one.last()', 'only'],
    ['$.participants.first().name', 'Ada'],
    ["$.id.concat('x')", 'x'],
    ['$.participants[0].sessions[0].tags.concat("-", $.id, $.limit)', 'ab-c-130'],
    ['$.concat($..name)', 'AdaQueueBo'],
  ])('%s', (path, expected) => {
    expect(read(path)).toEqual(expected)
  })

  test.each([
    '$.none.max()',
    '$.id.sum()',
    '$.absent.length()',
    '$.none.first()',
    '$.id.last()',
    '$.sum($.absent)',
  ])('%s has no result', (path) => {
    expect(read(path)).toBe(NOTHING)
  })

  test('after a wildcard, a filter or a slice it is asked of each', () => {
    expect(read('$.participants[*].sessions.length()')).toEqual([1, 0, 1])
    expect(read("$.participants[?(@.purpose=='acd')].length()")).toEqual([4])
  })
})

describe('what documents and paths may do', () => {
  const names = fc.oneof(
    fc.string(),
    fc.constantFrom('__proto__', 'constructor', 'toString', 'length', 'a b', "it's"),
  )
  const steps = fc.array(fc.oneof(names, fc.nat(3)), { maxLength: 5 })

  test('a definite path finds what direct access finds', () => {
    const place = (document: JsonValue, at: readonly (string | number)[]): unknown =>
      at.reduce<unknown>((value, step) => {
        if (typeof step === 'number')
          return Array.isArray(value) && step < value.length ? value[step] : NOTHING
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
        return isObject && Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : NOTHING
      }, document)
    const build = (at: readonly (string | number)[], leaf: JsonValue): JsonValue =>
      at.reduceRight<JsonValue>(
        (value, step) =>
          typeof step === 'number' ? [0, 1, 2, 3].map(() => value) : Object.fromEntries([[step, value]]),
        leaf,
      )
    const written = (at: readonly (string | number)[]): string =>
      `$${at.map((step) => (typeof step === 'number' ? `[${step}]` : `[${JSON.stringify(step)}]`)).join('')}`
    fc.assert(
      fc.property(steps, steps, fc.jsonValue(), (asked, there, leaf) => {
        const document = build(there, leaf as JsonValue)
        expect(read(written(asked), document)).toEqual(place(document, asked))
        expect(read(written(there), document)).toEqual(leaf)
      }),
    )
  })

  test('whatever the text of a path is, it is read or refused with a place', () => {
    const piece = fc.constantFrom(
      ...'$ @ . .. * [ ] ( ) ? ! && || == =~ /a+/ \' " , : -1 0 a.b x() length() sum( in [?( )] [1:] \\ \n {'.split(
        ' ',
      ),
      ' ',
    )
    const anyPath = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(anyPath, fc.jsonValue(), (text, document) => {
        try {
          read(text, document as JsonValue)
        } catch (error) {
          expect(error).toBeInstanceOf(BundleError)
          expect(error).toMatchObject({ code: 'path-invalid', place: { line: expect.any(Number) } })
        }
      }),
      { numRuns: 2000 },
    )
  })

  const refusal = (act: () => unknown): unknown => {
    try {
      return act()
    } catch (error) {
      return error instanceof BundleError ? error.code : error
    }
  }

  test('a scan of a document of a hundred thousand levels ends with an error', () => {
    let deep: JsonValue = 1
    for (let i = 0; i < 100_000; i++) deep = i % 2 === 0 ? [deep] : { a: deep }
    const document = deep
    expect(refusal(() => read('$..a', document))).toBe('mapping-failed')
    expect(refusal(() => read('$[?(@ == @)]', [document]))).toBe('mapping-failed')
    expect(read('$.length()', document)).toBe(1)
  })

  test('scans of scans end with an error once they take too long', () => {
    let nested: JsonValue = 1
    for (let i = 0; i < 60; i++) nested = [nested]
    const document = nested
    expect(refusal(() => read('$..*..*..*..*..*..*..*', document))).toBe('mapping-failed')
  })

  test('a filter in a filter in a filter over a long list ends with an error', () => {
    const long = Array.from({ length: 2_000 }, (_, a) => ({ a }))
    expect(refusal(() => read('$[?(@.a in $[*].a)]', long))).toBe('mapping-failed')
  })

  test('a pattern that would take for ever is named', () => {
    expect(refusal(() => read('$[?(@ =~ /(a+)+b/)]', [`${'a'.repeat(50)}c`]))).toBe('path-invalid')
  })

  test.each<[string, (depth: number) => string]>([
    ['brackets', (depth) => `$[?(${'('.repeat(depth)}@.a${')'.repeat(depth)})]`],
    ['negations', (depth) => `$[?(${'!'.repeat(depth)}@.a)]`],
    ['filters', (depth) => `$${'[?(@'.repeat(depth)}${')]'.repeat(depth)}`],
    ['lists', (depth) => `$[?(@ == ${'['.repeat(depth)}${']'.repeat(depth)})]`],
    ['functions', (depth) => `$.${'sum($.'.repeat(depth)}a${')'.repeat(depth)}`],
    ['steps', (depth) => `$${'.a'.repeat(depth)}`],
  ])('%s without end are refused', (_, path) => {
    expect(refusal(() => read(path(3)))).not.toBe('path-invalid')
    expect(refusal(() => read(path(1_500)))).toBe('path-invalid')
    expect(refusal(() => read(path(200_000)))).toBe('path-invalid')
  })
})
