import { templateReferences } from '../../../bundle/velocity/template-references.ts'

const namesOf = (template: string): readonly string[] =>
  templateReferences(template).map(({ root, path }) => [root, ...path].join('.'))

describe('the references of a template', () => {
  test('are found in their order, with their place, form and source', () => {
    const found = templateReferences('{\n  "a": ${input.x}, "b": $input.y,\n  "c": $!{input.z}, "d": $!w }')
    expect(found).toMatchObject([
      { root: 'input', path: ['x'], form: 'formal', source: '${input.x}', place: { line: 2, column: 8 } },
      { root: 'input', path: ['y'], form: 'plain', source: '$input.y', place: { line: 2, column: 25 } },
      { root: 'input', path: ['z'], form: 'quiet', source: '$!{input.z}', place: { line: 3, column: 8 } },
      { root: 'w', path: [], form: 'quiet', source: '$!w', place: { line: 3, column: 26 } },
    ])
  })

  test.each([
    ['${input.x} $ $5 $. $[ ${} {"$schema": 1}', ['input.x', 'schema']],
    ['$esc.url("${input.a}-$input.b")', ['esc', 'input.a', 'input.b']],
    ['$list[$input.i].name', ['list.name', 'input.i']],
    ['$map["key"]', ['map.key']],
    ['#if($a && !$b == [1, $c])#elseif({"k": $d})#end', ['a', 'b', 'c', 'd']],
    ['#foreach($x in [$from..$to])$x#end', ['from', 'to', 'x']],
    ["${x|'none'} ${y|$z}", ['x', 'y', 'z']],
    ['\\$escaped \\\\$not', ['not']],
    ['## $comment\n#* $comment *# #[[ $text ]]#', []],
    ["$x.replace('$quoted', '')", ['x']],
  ])('of %s are %j', (template, expected) => {
    expect(namesOf(template)).toEqual(expected)
  })

  test('tell what a value goes through, innermost first', () => {
    expect(templateReferences('$esc.url("$encoding.base64(${input.x.trim()})")')).toMatchObject([
      { root: 'esc', calls: ['url'], through: ['url'] },
      { root: 'encoding', calls: ['base64'], through: ['base64', 'esc.url'] },
      { root: 'input', path: ['x'], calls: ['trim'], through: ['trim', 'encoding.base64', 'esc.url'] },
    ])
  })

  test.each([
    ['#if($input.x)$input.x#end', [[], ['input.x']]],
    ['#if("$!{input.x}" != "")$input.x#end$input.x', [[], ['input.x'], []]],
    ['#if($input.x)#else$input.x#end', [[], []]],
    ['#if(!$input.x)#else$input.x#end', [[], ['input.x']]],
    ['#if($input.x == "")#elseif($y)$y#end', [[], ['input.x'], ['input.x', 'y']]],
    ['#if($a)#foreach($b in $c)$b#end#end', [[], ['a'], ['a']]],
  ])('of %s are guarded by %j', (template, expected) => {
    expect(templateReferences(template).map(({ guardedBy }) => guardedBy)).toEqual(expected)
  })

  test('tell what is only tested, and what the template itself gave a value', () => {
    const found = templateReferences(
      '#set($y = $input.x)#if($y)$y$foreach#end#foreach($z in $w)$z$foreach.count#end',
    )
    expect(found.map(({ root, isTested, isLocal }) => [root, isTested, isLocal])).toEqual([
      ['input', true, false],
      ['y', true, true],
      ['y', false, true],
      ['foreach', false, false],
      ['w', true, false],
      ['z', false, true],
      ['foreach', false, true],
    ])
  })

  test.each([
    ['{"a": "$x", "b": $y}', [true, false]],
    ['{"a": "\\"$x", "b": "\\\\", "c": $y}', [true, false]],
    ['{"a": #if($t)"$x"#else null#end, "b": "$y"}', [false, true, true]],
    ['{"a": "$esc.jsonEncode("$x")", "b": $y}', [true, true, false]],
  ])('in %s stand in quotes: %j', (template, expected) => {
    expect(templateReferences(template).map(({ insideQuotes }) => insideQuotes)).toEqual(expected)
  })
})
