import { takeEscapedCharacter, takeEscapedClass } from './escapes.ts'
import type { CharacterTest } from './pattern.ts'
import { isBetween, isCharacter, type Reader, refuseRegexp, take, takeCharacter } from './reader.ts'

const MAX_DEPTH = 20

/** Reads `[...]`, after its `[`: characters, ranges, classes within it, and `&&` for what both sides have. */
export function parseCharacterClass(reader: Reader, depth = 0): CharacterTest {
  if (depth > MAX_DEPTH) refuseRegexp(reader, 'classes are nested too deep')
  const negated = take(reader, '^')
  let tests: CharacterTest[] = []
  let left: CharacterTest | undefined
  for (let first = true; ; first = false) {
    if (!first && take(reader, ']')) break
    if (take(reader, '&&')) {
      left = both(left, anyOf(tests))
      tests = []
    } else tests.push(parseItem(reader, depth))
  }
  const has = both(left, anyOf(tests))
  return negated ? (codePoint) => !has(codePoint) : has
}

function both(left: CharacterTest | undefined, right: CharacterTest): CharacterTest {
  return left ? (codePoint) => left(codePoint) && right(codePoint) : right
}

function anyOf(tests: readonly CharacterTest[]): CharacterTest {
  return (codePoint) => tests.some((has) => has(codePoint))
}

function parseItem(reader: Reader, depth: number): CharacterTest {
  if (take(reader, '[')) return parseCharacterClass(reader, depth + 1)
  if (reader.source[reader.at] === '\\') {
    const start = reader.at
    reader.at += 1
    const escaped = takeEscapedClass(reader)
    if (escaped) return escaped
    reader.at = start
  }
  const first = takeOne(reader)
  const { source, at } = reader
  if (source[at] !== '-' || at + 1 >= source.length || source[at + 1] === ']' || source[at + 1] === '[')
    return isCharacter(first, reader.flags)
  reader.at += 1
  const last = takeOne(reader)
  if (last < first) refuseRegexp(reader, 'a range of characters runs backwards')
  return isBetween(first, last, reader.flags)
}

function takeOne(reader: Reader): number {
  if (!take(reader, '\\')) return takeCharacter(reader)
  const escaped = takeEscapedCharacter(reader)
  if (escaped === undefined) refuseRegexp(reader, 'an escape is not known')
  return escaped
}
