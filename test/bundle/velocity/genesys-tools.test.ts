import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { BundleError } from '../../../bundle/bundle-error.ts'
import { genesysTools } from '../../../bundle/velocity/macros/genesys-tools.ts'
import { renderTemplate } from '../../../bundle/velocity/render-template.ts'

const render = (template: string, x: string | number | null = null): string =>
  renderTemplate(template, { ...genesysTools, input: { x }, credentials: { id: 'me', secret: 's3' } })

describe('$esc', () => {
  test.each([
    ['$esc.jsonEncode($input.x)', 'a "b"\\\n\té/', 'a \\"b\\"\\\\\\n\\té/'],
    ['$esc.jsonString("$input.x")', 'a "b"', 'a \\"b\\"'],
    ['$esc.jsonDecode($input.x)', 'a \\"b\\"\\n\\u0041', 'a "b"\nA'],
    ['$esc.url($input.x)', 'a b+c*~é/-_.&=?', 'a+b%2Bc*%7E%C3%A9%2F-_.%26%3D%3F'],
    ['$esc.urlFormEncode($input.x)', "a b!'()", 'a+b%21%27%28%29'],
    ['$esc.uriEncode($input.x)', 'a b+c*~é/-_.', 'a%20b%2Bc%2A~%C3%A9%2F-_.'],
    ['$esc.html($input.x)', `<a> "q" 'x' &`, "&lt;a&gt; &quot;q&quot; 'x' &amp;"],
    ['$esc.xml($input.x)', `<a> "q" 'x' &`, '&lt;a&gt; &quot;q&quot; &apos;x&apos; &amp;'],
    ['$esc.java($input.x)', `a"b\\c\n'é/`, `a\\"b\\\\c\\n'\\u00E9/`],
    ['$esc.javascript($input.x)', `a"b'c/d\n`, `a\\"b\\'c\\/d\\n`],
    ['$esc.sql($input.x)', "it's", "it''s"],
    ['$esc.url($input.x)', 12.5, '12.5'],
    ['$esc.url("\ud800")', 'x', '%EF%BF%BD'],
  ])('%s of %j is %j', (template, x, expected) => {
    expect(render(template, x)).toBe(expected)
  })

  test('has the signs that Velocity and JSON would take for their own', () => {
    expect(render('$esc.quote${esc.dollar}$esc.hash$esc.backslash$esc.singleQuote$esc.exclamation')).toBe(
      '"$#\\\'!',
    )
    expect(render('$esc.q$esc.d$esc.h$esc.b$esc.s$esc.e$esc.getQuote()')).toBe('"$#\\\'!"')
  })

  test('gives no value where it is given none, so that the whole reference prints, or with ! nothing', () => {
    expect(render('"$esc.jsonEncode(${input.x})" "$!esc.jsonEncode(${input.x})"')).toBe(
      '"$esc.jsonEncode(${input.x})" ""',
    )
    expect(render('$esc.url("$!{input.x}")|')).toBe('|')
    expect(render('$esc.nope("x") $esc.nope')).toBe('$esc.nope("x") $esc.nope')
  })

  test('jsonEncode between quotes parses back to any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(JSON.parse(render('"$esc.jsonEncode($input.x)"', text))).toBe(text)
      }),
    )
  })

  test('jsonDecode undoes jsonEncode, and refuses what is no JSON string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(render('$esc.jsonDecode($esc.jsonEncode($input.x))', text)).toBe(text)
      }),
    )
    expect(() => render('$esc.jsonDecode($input.x)', 'a"b')).toThrow(BundleError)
  })

  test('url and uriEncode decode back to any well-formed text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeURIComponent(render('$esc.uriEncode($input.x)', text))).toBe(text)
        expect(new URLSearchParams(`x=${render('$esc.url($input.x)', text)}`).get('x')).toBe(text)
      }),
    )
  })
})

describe('$encoding, $urlTool and $salesforce', () => {
  test('base64 encodes UTF-8', () => {
    expect(render('Basic $encoding.base64("${credentials.id}:${credentials.secret}")')).toBe('Basic bWU6czM=')
    expect(render('$encoding.base64($input.x)', 'é')).toBe('w6k=')
    expect(render('$encoding.base64($input.x)')).toBe('$encoding.base64($input.x)')
  })

  test.each([
    ['a b&c', 'my+name=a+b%26c'],
    [0, 'my+name=0'],
    ['', ''],
    [null, ''],
  ])('optionalQueryParam of %j is %j', (x, expected) => {
    expect(render('$urlTool.optionalQueryParam("my name", $input.x)', x)).toBe(expected)
  })

  test('escReserved puts a backslash before what a Salesforce search reserves', () => {
    expect(render('$salesforce.escReserved($input.x)', `+1 (5)-"x"?`)).toBe(`\\+1 \\(5\\)\\-\\"x\\"\\?`)
  })
})

describe('$math', () => {
  // The expected values are those of MathTool of VelocityTools 2.0.
  test.each([
    ['add(1, 2)', '3'],
    ['add("1", "2.5")', '3.5'],
    ['sub(5, 1, 1)', '3'],
    ['mul(2, 3, 4)', '24'],
    ['div(7, 2)', '3.5'],
    ['div(6, 2)', '3'],
    ['idiv(7, 2)', '3'],
    ['mod(7, 2)', '1'],
    ['pow(2, 3)', '8'],
    ['round(2.5)', '2'],
    ['round(3.5)', '4'],
    ['round(-2.5)', '-2'],
    ['floor(2.7)', '2'],
    ['ceil("2.1")', '3'],
    ['abs(-3)', '3'],
    ['max(1, "3")', '3'],
    ['min(1, 3)', '1'],
    ['roundTo(2, 3.14159)', '3.14'],
    ['roundTo(2, 1.005)', '1.01'],
    ['toInteger("7.9")', '7'],
    ['toNumber("7.5")', '7.5'],
    ['add([1, 2, 3])', '6'],
  ])('%s is %s', (call, expected) => {
    expect(render(`$math.${call}`)).toBe(expected)
  })

  test.each([
    'div(1, 0)',
    'mod(7, 0)',
    'add("x", 1)',
    'add(1, $input.x)',
    'round("x")',
    'add(1)',
    'random()',
  ])('%s has no value', (call) => {
    expect(render(`$math.${call}`)).toBe(`$math.${call}`)
  })
})

describe('$successTemplateUtils', () => {
  const success = (template: string, ids?: string): string =>
    renderTemplate(template, { ...genesysTools, ids })

  test.each([
    ['["a", "b"]', '"a"'],
    ['[{"x": [1]}]', '{"x":[1]}'],
    ['[null]', 'null'],
    ['[]', '""'],
  ])('firstFromArray of %s is %s', (ids, expected) => {
    for (const argument of ['"${ids}"', '${ids}', '$ids'])
      expect(
        success(`\${successTemplateUtils.firstFromArray(${argument}, "$esc.quote$esc.quote")}`, ids),
      ).toBe(expected)
  })

  test('firstFromArray of nothing is null where there is no default, and no value where it is given none', () => {
    expect(success('$successTemplateUtils.firstFromArray($ids)', '[]')).toBe('null')
    expect(success('$!successTemplateUtils.firstFromArray($ids)|')).toBe('|')
  })

  test.each(['{"a": 1}', '"a"', 'a', '', '[1'])('firstFromArray refuses %j', (ids) => {
    expect(() => success('$successTemplateUtils.firstFromArray($ids)', ids)).toThrow(BundleError)
  })

  test('JSON that nests without end is refused', () => {
    const ids = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect(() => success('$successTemplateUtils.firstFromArray($ids)', ids)).toThrow(BundleError)
  })

  test('moveKeysIntoArrayOfObjects puts each key into its object', () => {
    const ids = '{"a": {"x": 1}, "b": {"x": 2}, "c": 3}'
    expect(JSON.parse(success('$successTemplateUtils.moveKeysIntoArrayOfObjects($ids, "id")', ids))).toEqual([
      { id: 'a', x: 1 },
      { id: 'b', x: 2 },
      { id: 'c', value: 3 },
    ])
    expect(() => success('$successTemplateUtils.moveKeysIntoArrayOfObjects($ids, "id")', '[1]')).toThrow(
      BundleError,
    )
  })
})

describe('docs/velocity.md', () => {
  const page = readFileSync(new URL('../../../docs/velocity.md', import.meta.url), 'utf8')
  const section = page.slice(page.indexOf('\n## Tools\n'), page.indexOf('\n## Differences'))
  const codes = (cell: string): readonly string[] =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
  // A row whose result is told in words has no code there.
  const rows = section
    .split('\n')
    .filter((line) => /^\| `/.test(line))
    .map((line) => line.split('|').slice(1, -1))
    .flatMap(([written = '', prints = '']) => {
      const [call, result] = [codes(written)[0], codes(prints)[0]]
      return call !== undefined && result !== undefined ? [[call, result] as const] : []
    })

  test('has a row for every tool', () => {
    expect([...new Set(rows.map(([call]) => /\w+/.exec(call)?.[0]))].sort()).toEqual(
      Object.keys(genesysTools).sort(),
    )
  })

  test.each(rows)('%s prints %s there', (call, result) => {
    const context = { input: { x: 'a "b" & c' }, ids: '["u1", "u2"]', map: '{"a": {"n": 1}}' }
    expect(renderTemplate(call, { ...genesysTools, ...context })).toBe(result)
  })
})
