import { BundleError } from '../../../bundle/bundle-error.ts'
import { renderTemplate } from '../../../bundle/velocity/render-template.ts'

/** Calls a method of Java's strings, with arguments that stand in single quotes. */
function call(text: string, method: string, ...args: readonly (string | number)[]): string {
  const names = args.map((_, i) => `$args[${i}]`).join(', ')
  return renderTemplate(`$text.${method}(${names})`, { text, args })
}

// The expected values are those of java.util.regex of Java 17.
describe('regular expressions, as Java has them', () => {
  test.each([
    ['bar', '[ab]', '', 'r'],
    ['bar', '(.)', '$1$1', 'bbaarr'],
    ['bar', '^', 'x', 'xbar'],
    ['bar', '$', 'x', 'barx'],
    ['bar\n', '$', 'x', 'barx\nx'],
    ['a.b', '\\.', '-', 'a-b'],
    ['a.b', '\\Q.\\E', '-', 'a-b'],
    ['+1 (555) 12-3', '[^0-9+]', '', '+1555123'],
    ['aAbB', '(?i)a', 'x', 'xxbB'],
    ['aAbB', '(?i:A)b', 'x', 'axB'],
    ['ab12', '(?<letters>[a-z]+)(?<digits>\\d+)', '${digits}${letters}', '12ab'],
    ['aab', 'a*?b', 'x', 'x'],
    ['aaa', 'a{2}', 'x', 'xa'],
    ['aaa', 'a{2,}', 'x', 'x'],
    ['abab', '(ab)\\1', 'x', 'x'],
    ['foobar', 'foo(?=bar)', 'x', 'xbar'],
    ['foobar', '(?<=foo)bar', 'x', 'foox'],
    ['foobar', '(?<!o)o', 'x', 'fxobar'],
    ['aaa', 'a++a', 'x', 'aaa'],
    ['aaab', '(?>a+)b', 'x', 'x'],
    ['a b', '\\s|\\b', '_', '_a__b_'],
    ['Éa1', '\\p{L}', 'x', 'xx1'],
    ['Éa1', '\\w', 'x', 'Éxx'],
    ['a-c', '[a-b&&[^a]]|[\\w-]', 'x', 'xxx'],
    ['a]c', '[]c]', 'x', 'axx'],
    ['\u{1f600}!', '.', 'x', 'xx'],
    ['a\nb', '.', 'x', 'x\nx'],
    ['a\nb', '(?s)a.b', 'x', 'x'],
    ['a\nb', '(?m)^', '>', '>a\n>b'],
    ['1', '1', '\\$\\\\', '$\\'],
    ['ab', '(a)(b)', '$2$10', 'ba0'],
    ['ab', '(a)|(c)', '[$2]', '[]b'],
  ])('%j with every %j as %j is %j', (text, pattern, by, expected) => {
    expect(call(text, 'replaceAll', pattern, by)).toBe(expected)
  })

  test('replaceFirst replaces one, replace takes its text as it stands', () => {
    expect(call('aaa', 'replaceFirst', 'a', 'x')).toBe('xaa')
    expect(call('a.b.c', 'replace', '.', '$1')).toBe('a$1b$1c')
    expect(call('ab', 'replace', '', '-')).toBe('-a-b-')
  })

  test.each([
    ['a,b,c', ',', 0, '[a, b, c]'],
    ['a,b,,', ',', 0, '[a, b]'],
    ['a,b,,', ',', -1, '[a, b, , ]'],
    ['a,b,c', ',', 2, '[a, b,c]'],
    [',a', ',', 0, '[, a]'],
    ['abc', '', 0, '[a, b, c]'],
    ['abc', 'x', 0, '[abc]'],
    ['a  b', '\\s+', 0, '[a, b]'],
  ])('%j split by %j, limit %i, is %s', (text, pattern, limit, expected) => {
    expect(call(text, 'split', pattern, limit)).toBe(expected)
    if (limit === 0) expect(call(text, 'split', pattern)).toBe(expected)
  })

  test.each([
    ['bar', '[a-z]{3}', 'true'],
    ['bar', 'ba', 'false'],
    ['bar', 'b|bar', 'true'],
    ['BAR', '(?i)bar', 'true'],
    ['', 'a*', 'true'],
    ['2026-01-31', '\\d{4}-\\d\\d-\\d\\d', 'true'],
  ])('%j matches %j: %s', (text, pattern, expected) => {
    expect(call(text, 'matches', pattern)).toBe(expected)
  })

  test.each([
    '(',
    ')',
    '[a',
    '*',
    'a{2,1}',
    '[b-a]',
    '\\y',
    '\\p{Nope}',
    '(?<n>a)(?<n>b)',
    '\\k<n>',
    '(?#x)',
    'a\\',
    'a'.repeat(3_000),
  ])('%j is refused', (pattern) => {
    expect(() => call('abc', 'matches', pattern)).toThrow(BundleError)
  })

  test.each(['$', '$2', '${n}', 'a\\'])('to replace by %j is refused', (by) => {
    expect(() => call('abc', 'replaceAll', '(b)', by)).toThrow(BundleError)
  })
})

describe('methods of Java strings, lists and maps', () => {
  const context = { s: ' Bar ', b: 'bar', l: ['a', 'b', 'a'], m: { k: 'v' }, n: 3, t: true }
  test.each([
    ['$s.trim()|$s.toLowerCase()|$s.toUpperCase()|$s.length()|$s.isEmpty()', 'Bar| bar | BAR |5|false'],
    ['$b.substring(1) $b.substring(0, 2) $b.charAt(0)', 'ar ba b'],
    ['$b.contains("a") $b.startsWith("b") $b.endsWith("b")', 'true true false'],
    ['$b.indexOf("a") $b.indexOf("z") $b.indexOf("a", 2) $b.lastIndexOf("r")', '1 -1 -1 2'],
    ['$b.concat("!") $b.repeat(2) $b.join("-", $l) $b.valueOf($n)', 'bar! barbar a-b-a 3'],
    [
      '$b.equals("bar") $b.equalsIgnoreCase("BAR") $b.equals($nope) $b.compareTo("baz")',
      'true true false -1',
    ],
    ['$b.empty $l.empty', 'false false'],
    [
      '$l.size() $l.get(1) $l.isEmpty() $l.contains("b") $l.contains("z") $l.indexOf("b") $l.subList(0, 2)',
      '3 b false true false 1 [a, b]',
    ],
    [
      '$m.size() $m.get("k") $m.containsKey("k") $m.containsKey("z") $m.keySet() $m.values() $m.isEmpty()',
      '1 v true false [k] [v] false',
    ],
    ['$m.getOrDefault("z", "d") $m.containsValue("v") $!m.get("z")|', 'd true |'],
    ['#foreach($e in $m.entrySet())$e.key=$e.value#end', 'k=v'],
    ['$n.toString() $n.intValue() $n.equals(3) $t.toString() $t.equals(true)', '3 3 true true true'],
    [
      '$b.concat(1) $b.substring("1") $b.trim(1) $l.get("a") $m.size(1) $n.length()',
      '$b.concat(1) $b.substring("1") $b.trim(1) $l.get("a") $m.size(1) $n.length()',
    ],
  ])('%s prints %j', (template, expected) => {
    expect(renderTemplate(template, context)).toBe(expected)
  })

  test.each([
    '$b.substring(9)',
    '$b.substring(2, 1)',
    '$b.charAt(3)',
    '$b.concat($nope)',
    '$b.replace("a", $nope)',
    '$l.get(3)',
    '$l[3]',
    '$l.subList(0, 9)',
  ])('%s ends the rendering, as it does in Java', (template) => {
    expect(() => renderTemplate(template, context)).toThrow(BundleError)
  })
})
