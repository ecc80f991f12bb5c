import { BundleError } from '../../../bundle/bundle-error.ts'
import { parsePath } from '../../../bundle/mapping/parse-path.ts'

function refusalOf(path: string): BundleError {
  try {
    parsePath(path)
  } catch (error) {
    if (error instanceof BundleError) return error
    throw error
  }
  throw new Error(`${path} was read`)
}

describe('a path that cannot be read', () => {
  test.each<[string, number, RegExp]>([
    ['', 1, /empty/],
    ['   ', 1, /empty/],
    ['$a', 2, /\. or \[/],
    ['$.', 2, /does not end with a point/],
    ['$.a..', 5, /does not end with a point/],
    ['$...a', 4, /a point too many/],
    ['$.a b', 4, /brackets and quotes/],
    ['$[', 3, /in \[ \] stands/],
    ['$[]', 3, /in \[ \] stands/],
    ['$[a]', 3, /in \[ \] stands/],
    ['$[0', 4, /\] is expected/],
    ['$[1.5]', 4, /\] is expected/],
    ['$[0,]', 2, /is no index/],
    ['$[1-2]', 2, /is no index/],
    ['$[:]', 2, /write \[\*\]/],
    ['$[0:4:2]', 2, /no step/],
    ["$['a]", 3, /no ' at its end/],
    ["$['a',]", 7, /a name in quotes/],
    ["$['a' 'b']", 7, /\] is expected/],
    ['$[?]', 4, /\[\?\(/],
    ['$[?@.a]', 4, /\[\?\(/],
    ['$[?(@.a]', 8, /\) is expected/],
    ['$[?(@.a)', 9, /\] is expected/],
    ['$[?(@.a = 1)]', 9, /write ==/],
    ['$[?(@.a <> 1)]', 9, /no operator/],
    ['$[?(@.a like 1)]', 9, /no operator/],
    ['$[?(@.a == )]', 12, /a path \(@\.name\)/],
    ['$[?(@.a == x)]', 12, /a path \(@\.name\)/],
    ["$[?(@.a == 'x)]", 12, /no ' at its end/],
    ['$[?(@.a =~ /x)]', 12, /no \/ at its end/],
    ['$[?(@.a =~ /(/)]', 12, /does not compile/],
    ['$[?(@.a =~ /a/u)]', 12, /flags/],
    ['$[?(1)]', 5, /alone is no test/],
    ['$[?(@.a&&@.b)]', 8, /a blank is missing before &&/],
    ['$[?(@.a && )]', 12, /a path \(@\.name\)/],
    ['$[?(!@.a == 1)]', 5, /brackets/],
    ['$.a.count()', 5, /count\(\) is no function/],
    ['$.a.sum(b)', 9, /argument/],
    ['$.a.sum(1', 10, /\) is expected/],
    ['$[?(@ == {a: 1})]', 11, /a name in quotes/],
    ['$[?(@ == [1 2])]', 13, /\] is expected/],
  ])('%s: column %i', (path, column, message) => {
    const { code, place, message: said } = refusalOf(path)
    expect(code).toBe('path-invalid')
    expect(said).toMatch(message)
    expect(said).toMatch(new RegExp(`^column ${column}: `))
    expect(place).toEqual({ line: 1, column })
  })

  test('a fault on a later line is told by its line', () => {
    expect(refusalOf('$[?(@.a == 1\n && @.b = 2)]').place).toEqual({ line: 2, column: 9 })
  })

  test('a path of more than 10,000 characters is refused', () => {
    expect(refusalOf(`$['${'a'.repeat(10_000)}']`).message).toMatch(/10000 characters/)
  })
})

test('escapes in names and texts are those of Java', () => {
  expect(parsePath(String.raw`$['it\'s']["\"\\\u0041\n"]`).steps).toEqual([
    { kind: 'names', names: ["it's"] },
    { kind: 'names', names: ['"\\A\n'] },
  ])
})
