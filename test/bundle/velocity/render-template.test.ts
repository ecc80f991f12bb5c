import fc from 'fast-check'
import { BundleError } from '../../../bundle/bundle-error.ts'
import { renderTemplate } from '../../../bundle/velocity/render-template.ts'

const context = {
  foo: 'bar',
  n: 3,
  d: 2.5,
  t: true,
  f: false,
  e: '',
  nil: null,
  l: ['a', 'b', 'c'],
  m: { k: 'v', i: 7 },
  input: { x: 'X', 'with-hyphen': 'H' },
}
const render = (template: string): string => renderTemplate(template, context)

describe('references, as Apache documents them', () => {
  test.each([
    ['$foo ${foo} $!foo $!{foo}', 'bar bar bar bar'],
    ['$nope ${nope} $!nope $!{nope}|', '$nope ${nope}  |'],
    ['$nil ${nil} $!{nil}|', '$nil ${nil} |'],
    ['${foo}s ${foo}-$foo.', 'bars bar-bar.'],
    ['$input.x ${input.x} $input.y $!input.y|', 'X X $input.y |'],
    ['${input.with-hyphen}', 'H'],
    ['$nope.a.b.c() $!nope.a.b|', '$nope.a.b.c() |'],
    ['$foo.nope $foo.nope() $foo.length().nope', '$foo.nope $foo.nope() $foo.length().nope'],
    ['$l[0]$l[2]$l[-1] ${l[1]} $l[$m.i]', undefined],
    ['$l[0]$l[2]$l[-1] ${l[1]} $foo[0]', 'acc b $foo[0]'],
    ['$m["k"] $m.k $m.nope $m', 'v v $m.nope {k=v, i=7}'],
    ['$l $t $d $n', '[a, b, c] true 2.5 3'],
    ['$e|${e}|$!e|', '|||'],
    ['${$foo} ${$nope}', 'bar ${$nope}'],
    ["${nope|'other'} ${e|'other'} ${foo|'other'}", 'other other bar'],
    ['$foo.length() ${foo.length()}', '3 3'],
    ['$foo.concat("$foo").concat(\'$foo\')', 'barbar$foo'],
    ['$foo.length ()', '$foo.length ()'],
    ['$price.each(see below)', '$price.each(see below)'],
  ])('%s prints %j', (template, expected) => {
    if (expected === undefined) expect(() => render(template)).toThrow(BundleError)
    else expect(render(template)).toBe(expected)
  })
})

describe('text that only looks like Velocity', () => {
  test.each([
    '$5 $. $[ $![ $ $! a$ ${} ${ foo} $.id $[0] $(x)',
    '{"$schema": "http://a/b#c"} #1 # ## no'.replace('## no', ''),
    'http://x/y#frag?a=b&c=#{x}',
    '#ff00ff #abc #(a) #endif #elsefoo #set x #foo("x") #foo',
    'a\\b \\ \\\\ \\n C:\\x',
    '{"a": [1, 2], "b": {"c": "d"}} && || == !=',
  ])('%j stays as it is', (text) => {
    expect(render(text)).toBe(text)
  })

  test('any text without $, # and backslash stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const plain = text.replace(/[$#]/g, '')
        expect(render(plain)).toBe(plain)
      }),
    )
  })
})

describe('escapes, comments and text blocks', () => {
  test.each([
    ['\\$foo \\\\$foo \\\\\\$foo \\${foo}', '$foo \\bar \\$foo ${foo}'],
    ['\\$nope \\\\$nope \\$!nope \\$!foo', '\\$nope \\\\$nope \\$!nope $!foo'],
    ['\\#if \\\\#if($t)a#end \\#foo \\\\#foo', '#if \\a \\#foo \\\\#foo'],
    ['\\#if($foo)', '#if(bar)'],
    ['\\#foo(a.b) \\\\#set($x = 1)|', '\\#foo(a.b) \\\\|'],
    ['a ## c\nb', 'a b'],
    ['a #* x $foo #if *# b', 'a  b'],
    ['a #[[ $foo #if ]]# b', 'a  $foo #if  b'],
    ['#* never ended $foo', ''],
    ['$foo## x', 'bar'],
    ['$$foo $#foo $!$foo', '$bar $#foo $!bar'],
  ])('%j prints %j', (template, expected) => {
    expect(render(template)).toBe(expected)
  })
})

describe('directives', () => {
  test.each([
    ['#if($t)a#elseif($f)b#else c#end', 'a'],
    ['#if($f)a#elseif($t)b#else c#end', 'b'],
    ['#if($f)a#elseif($f)b#{else}c#end', 'c'],
    ['#{if}($t)a#{end}b', 'ab'],
    ['#if($nope)a#{else}b#end', 'b'],
    ['#if("$!nope" != "")a#{else}b#end', 'b'],
    ['#set($x = 1)$x#set($x = $nope)$x', '1$x'],
    ['#set($m.k = "w")$m.k#set($m["z"] = 1)$m.z', 'w1'],
    ['#set($x = "a $foo $nope ""q"" #if($t)z#end")$x', 'a bar $nope "q" z'],
    ["#set($x = 'a $foo ''q''')$x", "a $foo 'q'"],
    ['#set($x = "A\\u0042\\n")$x', 'AB\\n'],
    [
      '#foreach($i in $l)$i$velocityCount$foreach.index$foreach.count$foreach.hasNext,#end$i',
      'a101true,b212true,c323false,$i',
    ],
    ['#foreach($i in $l)$i#if($foreach.hasNext), #end#end', 'a, b, c'],
    ['#foreach($i in [1..3])$i#end#foreach($i in [2..-1])$i#end', '123210-1'],
    ['#foreach($i in $m)$i#end', 'v7'],
    ['#foreach($i in $nope)x#{else}none#end#foreach($i in $foo)x#end', 'none'],
    ['#foreach($i in $l)#if($i == "b")#break#end$i#end', 'a'],
    ['#foreach($i in $l)#foreach($j in $l)$foreach.parent.count$foreach.count#break#end#end', '112131'],
    ['#foreach($foo in $l)$foo#end $foo', 'abc bar'],
    ['a#stop b', 'a'],
    ['#foreach($i in $l)$i#stop#end b', 'a'],
    ['#set($x = [])#set($y = $x.add("a"))$x.size()$x[0]', '1a'],
    ['#set($x = {"a": 1, "b": [2]})$x.a$x.b[0]', '12'],
  ])('%s prints %j', (template, expected) => {
    expect(render(template)).toBe(expected)
  })

  test.each([
    ['a\n  #if($t)\n  b\n  #end\nc', 'a\n  b\nc'],
    ['a #if($t)\nb\n#end\nc', 'a b\n\nc'],
    ['a\n  #set($x = 1)\nc', 'a\nc'],
    ['a #set($x = 1)\nc', 'a \nc'],
    ['#foreach($i in $l)\n$i\n#end\n.', 'a\nb\nc\n.'],
    ['#if($f)\na\n#else\nb\n#end\n', 'b\n'],
  ])('alone on its line goes with the line: %j prints %j', (template, expected) => {
    expect(render(template)).toBe(expected)
  })
})

describe('expressions', () => {
  test.each([
    ['7 / 2', '3'],
    ['7 % 2', '1'],
    ['7.5 / 2', '3.75'],
    ['1 + 2 * 3 - 4', '3'],
    ['(1 + 2) * 3', '9'],
    ['-$n', '-3'],
    ['1 + "a"', '1a'],
    ['"a" + $nope', 'a$nope'],
    ['1 / 0', '$x'],
    ['"a" - 1', '$x'],
    ['$n > 2', 'true'],
    ['"a" < "b"', 'false'],
    ['$n == 3 && $n >= 3 && $n <= 3 and $n eq 3', 'true'],
    ['$n != 3 || $n ne 3 or $n lt 3 or $n gt 3', 'false'],
    ['not $t || !$f', 'true'],
    ['$n == "3"', 'true'],
    ['$nope == $nil', 'true'],
    ['$nope != "a"', 'true'],
    ['$foo == "bar"', 'true'],
    ['[1, "a", $foo]', '[1, a, bar]'],
    ['{"a": [$n]}', '{a=[3]}'],
  ])('%s is %s', (expression, expected) => {
    expect(render(`#set($x = ${expression})$x`)).toBe(expected)
  })

  test.each(['$nope', '$nil', '$f', '$e', '0', '""', '[]', '{}', '!$t', '$t && $f'])(
    '%s does not hold in #if',
    (it) => {
      expect(render(`#if(${it})yes#{else}no#end`)).toBe('no')
    },
  )

  test.each(['$t', '$n', '$foo', '"x"', '$l', '$m', '!$nope', '$f || $t', '$d'])('%s holds in #if', (it) => {
    expect(render(`#if(${it})yes#{else}no#end`)).toBe('yes')
  })
})

describe('what a template cannot reach', () => {
  test.each([
    '$foo.constructor',
    '$foo.constructor.constructor("return 1")()',
    '$m.__proto__',
    '$m["__proto__"]',
    '$m.get("constructor")',
    '$m.hasOwnProperty("k")',
    '$m.toString.call()',
    '$l.length',
    '$l.map("x")',
    '$l.constructor',
    '$foo.__proto__.x',
    '$foo.class',
    '$foo.getClass()',
    '$constructor',
    '$__proto__',
    '$toString',
    '$foreach',
    '$t.valueOf()',
    '$n.toFixed(2)',
    '$tool.constructor',
    '$tool.call("x")',
    '$tool.__proto__',
    '$tool.apply()',
    '$tool.bind()()',
  ])('%s leads nowhere', (template) => {
    const tool = (name: string) => (name === 'real' ? 'here' : undefined)
    expect(renderTemplate(template, { ...context, tool }).startsWith(template.replace(/\(\)$/, ''))).toBe(
      true,
    )
    expect(renderTemplate('$tool.real', { tool })).toBe('here')
  })

  test('a __proto__ that the data holds is data', () => {
    const input = JSON.parse('{"__proto__": {"x": "own"}, "constructor": "mine"}') as Record<string, string>
    expect(renderTemplate('$input.__proto__.x $input.constructor', { input })).toBe('own mine')
  })

  test('no name of a member of JavaScript has a value, whatever it is asked of', () => {
    const names = [
      Object.prototype,
      Array.prototype,
      String.prototype,
      Function.prototype,
      Map.prototype,
      Number.prototype,
    ]
      .flatMap((prototype) => Object.getOwnPropertyNames(prototype))
      .filter((name) => /^\w+$/.test(name))
    for (const name of names)
      for (const owner of ['foo', 'l', 'm', 'n', 't', 'tool'])
        expect(renderTemplate(`$${owner}.${name}`, { ...context, tool: () => undefined })).toBe(
          `$${owner}.${name}`,
        )
  })

  test('the data that was given is not changed', () => {
    const given = { list: ['a'], map: { k: 'v' } }
    renderTemplate('#set($x = $list.add("b"))#set($map.k = 1)#set($y = $map.put("z", 2))', given)
    expect(given).toEqual({ list: ['a'], map: { k: 'v' } })
  })
})

describe('a template that would work without end', () => {
  const loops = (depth: number) => '#foreach($i in [1..10000])'.repeat(depth) + 'x' + '#end'.repeat(depth)
  const text = 'a'.repeat(100_000)
  test.each([
    ['nested loops', loops(3)],
    ['an endless range', '#foreach($i in [1..2000000000])#end'],
    ['a text that doubles', `#set($x = "ab")${'#set($x = "$x$x")'.repeat(60)}`],
    ['a text that grows by +', `#set($x = "ab")${'#set($x = $x + $x)'.repeat(60)}`],
    ['a text that grows by concat', `#set($x = "ab")${'#set($x = $x.concat($x))'.repeat(60)}`],
    ['a text that grows by replace', `#set($x = "aa")${'#set($x = $x.replace("a", $x))'.repeat(60)}`],
    ['a text that grows by replaceAll', `#set($x = "aa")${'#set($x = $x.replaceAll("a", $x))'.repeat(60)}`],
    ['a text that is repeated', '$foo.repeat(2000000000)'],
    ['a list that doubles', `#set($x = [1])${'#set($x = [$x, $x])'.repeat(60)}$x`],
    ['a list that holds itself', '#set($x = [])#set($y = $x.add($x))$x'],
    ['a map that holds itself', '#set($x = {})#set($x.me = $x)$x'],
    [
      'a list that grows while it is read',
      '#set($x = [1])#foreach($i in [1..100000])#set($y = $x.add($x.toString()))#end',
    ],
    ['a regular expression that backtracks', '$big.matches("(a+)+b")'],
    ['one of nested stars', '$big.replaceAll("(a*)*(a*)*b", "")'],
    ['one that starts everywhere', '$big.replaceAll("a*a*a*b", "")'],
    ['one that repeats a group deeply', '$big.matches("(ab|a)*")'],
    ['one that looks behind', '$big.replaceAll("(?<=b.*)a", "")'],
    ['one with many braces', '$big.matches("((a{1,1000}){1,1000}){1,1000}b")'],
    ['looking through a big text often', '#foreach($i in [1..1000000])#if($big.contains("b"))#end#end'],
    ['comparing big texts often', '#set($c = "$big")#foreach($i in [1..1000000])#if($big == $c)#end#end'],
  ])('%s ends with a BundleError', (_, template) => {
    expect(() => renderTemplate(template, { big: text, foo: 'bar' })).toThrow(
      expect.objectContaining({ name: 'BundleError', code: 'template-invalid' }) as Error,
    )
  })

  test('data that nests without end is refused', () => {
    const input = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as string[]
    expect(() => renderTemplate('$input', { input })).toThrow(BundleError)
  })

  test('a body of usual size is far from the bounds', () => {
    const items = Array.from({ length: 2_000 }, (_, i) => ({ name: `item ${i}`, note: 'x'.repeat(100) }))
    const template =
      '[#foreach($i in $items){"n": "$i.name.replaceAll("[^a-z0-9]+", "-")", "t": "$i.note"}#if($foreach.hasNext),#end#end]'
    expect(JSON.parse(renderTemplate(template, { items }))).toHaveLength(2_000)
  })
})

test('an error while rendering has the place of the step that it came from', () => {
  expect(() => render('a\n ${foo.substring(9)}')).toThrow(
    expect.objectContaining({ place: { line: 2, column: 8 } }) as Error,
  )
  expect(() => render('$l[9]')).toThrow(expect.objectContaining({ place: { line: 1, column: 3 } }) as Error)
})
