import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { JsonValue } from '../../../bundle/definition/data-action.ts'
import { parsePath } from '../../../bundle/mapping/parse-path.ts'
import { isDefinite } from '../../../bundle/mapping/path-step.ts'
import { readPath } from '../../../bundle/mapping/read-path.ts'

const page = readFileSync(fileURLToPath(new URL('../../../docs/jsonpath.md', import.meta.url)), 'utf8')
const answer = JSON.parse(/```json\n([^]*?)```/.exec(page)?.[1] ?? '') as JsonValue

const rows = page
  .split('\n')
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\||\|$/g, '').trim()))
  .filter(([first]) => first?.startsWith('`$'))
const codesOf = (cell = ''): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '')
const examples = rows
  .filter((cells) => cells.length === 3)
  .flatMap(([paths, kind, gives]) => codesOf(paths).map((path) => ({ path, kind, gives: codesOf(gives)[0] })))
const refusals = rows.filter((cells) => cells.length === 2)
const inText = [...page.matchAll(/`(\$[^`]+\))` is\s+`([^`]+)`/g)].map(([, path = '', gives = '']) => ({
  path,
  gives,
}))

const read = (path: string): unknown => {
  const result = readPath(parsePath(path), answer)
  return result.found ? JSON.stringify(result.value) : undefined
}

describe('docs/jsonpath.md', () => {
  test('has its examples where this test looks for them', () => {
    expect([examples.length, refusals.length, inText.length]).toEqual([21, 4, 4])
  })

  test.each(examples)('$path is $kind and gives what it says', ({ path, kind, gives }) => {
    expect(isDefinite(parsePath(path)) ? 'definite' : 'indefinite').toBe(kind)
    expect(read(path)).toBe(gives)
  })

  test.each(inText)('$path gives what the text says', ({ path, gives }) => {
    expect(read(path)).toBe(gives)
  })

  test.each(refusals)('%s is refused as it says', (path = '', message = '') => {
    expect(() => parsePath(codesOf(path)[0] ?? '')).toThrow(message.replace(', ...', ''))
  })
})
