import fc from 'fast-check'
import { BundleError } from '../../../bundle/bundle-error.ts'
import { parseTemplate } from '../../../bundle/velocity/parse-template.ts'
import { templateReferences } from '../../../bundle/velocity/template-references.ts'

/** What a parse ends with: nothing, or the error. */
function refusalOf(template: string): unknown {
  try {
    parseTemplate(template)
    return undefined
  } catch (error) {
    return error
  }
}

describe('a template that Velocity refuses', () => {
  test.each([
    ['${foo', 1, 6],
    ['${foo bar}', 1, 6],
    ['a\n ${foo.}', 2, 7],
    ['$foo[abc]', 1, 6],
    ['$foo[', 1, 6],
    ['$foo.length( )', 1, 14],
    ["$foo.concat('a' 'b')", 1, 17],
    ['$foo.concat("a', 1, 13],
    ['#if', 1, 4],
    ['#if($x', 1, 7],
    ['#if()a#end', 1, 5],
    ['#if($x && )a#end', 1, 11],
    ['#if(x)a#end', 1, 5],
    ['a\n#if($x)b', 2, 1],
    ['#end', 1, 1],
    ['\n #else', 2, 2],
    ['#if($x)#else#elseif($y)#end', 1, 13],
    ['#if($x)#else#else#end', 1, 13],
    ['#set($x = )', 1, 11],
    ['#set(x = 1)', 1, 6],
    ['#set($x 1)', 1, 9],
    ['#set($x = 3-1)', 1, 12],
    ['#set($x = [1, 2)', 1, 16],
    ['#set($x = {"a" 1})', 1, 16],
    ['#foreach', 1, 9],
    ['#foreach($x of $y)#end', 1, 13],
    ['#foreach($x in $y)', 1, 1],
    ['#foreach($x in $y)#elseif($z)#end', 1, 19],
    ['#[[ text', 1, 1],
    ['#foo(a.b)', 1, 1],
    ['"in a text: $esc.url("${x")"', 1, 26],
    ['$esc.url("say ""${x""")', 1, 20],
  ])('%j is refused at line %i, column %i', (template, line, column) => {
    const error = refusalOf(template)
    expect(error).toBeInstanceOf(BundleError)
    expect(error).toMatchObject({ code: 'template-invalid', place: { line, column } })
  })

  test.each(['#include("x")', '#parse("x")', '#macro(x)#end', '#evaluate("x")', '#define($x)#end'])(
    '%s is refused too: it loads or defines',
    (template) => {
      expect(refusalOf(template)).toMatchObject({ code: 'template-invalid', place: { line: 1, column: 1 } })
    },
  )
})

describe('a hostile template', () => {
  test.each([
    ['parentheses', `#set($x = ${'('.repeat(50_000)}`],
    ['negations', `#if(${'!'.repeat(50_000)}$x)#end`],
    ['lists', `#set($x = ${'['.repeat(50_000)}`],
    ['indexes', '$x['.repeat(50_000)],
    ['calls', '$x.y('.repeat(50_000)],
    ['conditions', '#if($x)'.repeat(50_000)],
    ['loops', '#foreach($x in $y)'.repeat(50_000)],
    ['alternatives', '${x|'.repeat(50_000)],
    ['maps', `#set($x = ${'{"a":'.repeat(50_000)}`],
    ['length', 'x'.repeat(1_000_001)],
  ])('without end in its %s is refused', (_, template) => {
    expect(refusalOf(template)).toMatchObject({ name: 'BundleError', code: 'template-invalid' })
  })

  test.each([
    ['spaces', `${' '.repeat(300_000)}#if`],
    ['dollars', '$'.repeat(300_000)],
    ['hashes of text', '# '.repeat(150_000)],
    ['backslashes', '\\'.repeat(300_000)],
    ['steps', `$x${'.y'.repeat(100_000)}`],
    ['operands', `#set($x = 1${' + 1'.repeat(5_000)})`],
  ])('of many %s is read to its end', (_, template) => {
    const error = refusalOf(template)
    expect(error === undefined || error instanceof BundleError).toBe(true)
  })
})

/** Pieces of templates, so that chance puts together what nearly is one. */
const piece = fc.constantFrom(
  ...[
    '$',
    '!',
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    '.',
    '#',
    '"',
    "'",
    '\\',
    '|',
    ',',
    ':',
    '=',
    '==',
    ' ',
    '\n',
    '-',
    '..',
    '1',
    '2.5',
  ],
  ...[
    'x',
    'if',
    '#if(',
    '#else',
    '#elseif(',
    '#end',
    '#set(',
    '#foreach(',
    ' in ',
    '#[[',
    ']]#',
    '#*',
    '*#',
    '##',
    '$x',
    '${x',
    '$!{x',
    '.y(',
  ],
  ...['&&', '||', 'true', 'not ', 'constructor', '__proto__'],
)
const nearlyTemplate = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(''))

describe('any text', () => {
  test('is read, or refused with a BundleError that has a place within it', () => {
    fc.assert(
      fc.property(fc.oneof(nearlyTemplate, fc.string({ unit: 'binary' })), (template) => {
        for (const read of [parseTemplate, templateReferences]) {
          try {
            read(template)
          } catch (error) {
            expect(error).toBeInstanceOf(BundleError)
            const { place } = error as BundleError
            const line = template.split('\n')[(place?.line ?? 0) - 1]
            expect(place?.column).toBeLessThanOrEqual((line?.length ?? -1) + 1)
          }
        }
      }),
      { numRuns: 3000 },
    )
  })

  test('that is read has each reference where its place says', () => {
    fc.assert(
      fc.property(nearlyTemplate, (template) => {
        if (refusalOf(template) !== undefined || /""|\\u/.test(template)) return
        const lines = template.split('\n')
        for (const { place, source } of templateReferences(template)) {
          const rest = [
            (lines[place.line - 1] ?? '').slice(place.column - 1),
            ...lines.slice(place.line),
          ].join('\n')
          expect(rest.slice(0, source.length)).toBe(source)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
