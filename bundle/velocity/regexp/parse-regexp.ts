import { assertionOf } from './assertions.ts'
import { parseCharacterClass } from './character-class.ts'
import { takeEscapedCharacter, takeEscapedClass } from './escapes.ts'
import type { Pattern, Regexp, RepeatMode } from './pattern.ts'
import { isCharacter, type Reader, refuseRegexp, take, takeCharacter, takeMatch } from './reader.ts'

const MAX_LENGTH = 2_000
const MAX_DEPTH = 40

/** Reads a regular expression of Java. Throws a `template-invalid` BundleError for one that Java refuses, or that is not carried out here. */
export function parseRegexp(source: string): Regexp {
  const flags = { ignoreCase: false, dotAll: false, multiline: false }
  const reader: Reader = { source, at: 0, flags, captures: 0, names: new Map(), depth: 0 }
  if (source.length > MAX_LENGTH) refuseRegexp(reader, `it is longer than ${MAX_LENGTH} characters`)
  const pattern = parseChoice(reader)
  if (reader.at < source.length) refuseRegexp(reader, 'a ")" closes nothing')
  return { pattern, captures: reader.captures, names: reader.names }
}

function parseChoice(reader: Reader): Pattern {
  reader.depth += 1
  if (reader.depth > MAX_DEPTH) refuseRegexp(reader, 'groups are nested too deep')
  const choices = [parseSequence(reader)]
  while (take(reader, '|')) choices.push(parseSequence(reader))
  reader.depth -= 1
  return choices.length === 1 && choices[0] ? choices[0] : { kind: 'choice', choices }
}

function parseSequence(reader: Reader): Pattern {
  const parts: Pattern[] = []
  const { source } = reader
  while (reader.at < source.length && source[reader.at] !== '|' && source[reader.at] !== ')') {
    const atoms = parseAtom(reader)
    const last = atoms.pop()
    parts.push(...atoms)
    if (last) parts.push(parseRepeats(reader, last))
  }
  return { kind: 'sequence', parts }
}

function parseRepeats(reader: Reader, part: Pattern): Pattern {
  const found = takeMatch(reader, /(?:([*+?])|\{(\d{1,4})(?:(,)(\d{1,4})?)?\})([?+]?)/y)
  if (!found) return part
  const [, sign, from, comma, to, suffix] = found
  const least = sign === undefined ? Number(from) : sign === '+' ? 1 : 0
  const most =
    sign === undefined ? (comma === undefined ? least : Number(to ?? Infinity)) : sign === '?' ? 1 : Infinity
  if (most < least) refuseRegexp(reader, 'a repetition runs backwards')
  const mode: RepeatMode = suffix === '?' ? 'lazy' : suffix === '+' ? 'possessive' : 'greedy'
  return { kind: 'repeat', part, least, most, mode }
}

/** One element, or the characters of `\Q...\E`; none for flags, which hold from here on. */
function parseAtom(reader: Reader): Pattern[] {
  if (take(reader, '(')) return parseGroup(reader)
  if (take(reader, '[')) return [{ kind: 'characters', has: parseCharacterClass(reader) }]
  if (take(reader, '\\Q')) return parseQuoted(reader)
  if (take(reader, '\\')) return [parseEscape(reader)]
  if (take(reader, '.')) {
    const { dotAll } = reader.flags
    return [{ kind: 'characters', has: (codePoint) => dotAll || !isLineEnd(codePoint) }]
  }
  const assertion = assertionOf(takeMatch(reader, /[\^$]/y)?.[0] ?? '', reader.flags)
  if (assertion) return [assertion]
  const sign = takeMatch(reader, /[*+?{]/y)?.[0]
  if (sign !== undefined) refuseRegexp(reader, `"${sign}" has nothing to repeat`)
  return [{ kind: 'characters', has: isCharacter(takeCharacter(reader), reader.flags) }]
}

function isLineEnd(codePoint: number): boolean {
  return [0x0a, 0x0d, 0x85, 0x2028, 0x2029].includes(codePoint)
}

function parseQuoted(reader: Reader): Pattern[] {
  const end = reader.source.indexOf('\\E', reader.at)
  const text = reader.source.slice(reader.at, end === -1 ? undefined : end)
  reader.at = end === -1 ? reader.source.length : end + '\\E'.length
  return Array.from(text, (character) => ({
    kind: 'characters',
    has: isCharacter(character.codePointAt(0) ?? 0, reader.flags),
  }))
}

function parseEscape(reader: Reader): Pattern {
  const again = takeMatch(reader, /([1-9])|k<(\w+)>/y)
  if (again) {
    const number = again[1] === undefined ? reader.names.get(again[2] ?? '') : Number(again[1])
    if (number === undefined) refuseRegexp(reader, 'it goes back to a group that is not there')
    return { kind: 'again', number, ignoreCase: reader.flags.ignoreCase }
  }
  const assertion = assertionOf(`\\${reader.source[reader.at] ?? ''}`, reader.flags)
  if (assertion) {
    reader.at += 1
    return assertion
  }
  const has = takeEscapedClass(reader)
  if (has) return { kind: 'characters', has }
  const character = takeEscapedCharacter(reader)
  if (character === undefined) refuseRegexp(reader, 'an escape is not known')
  return { kind: 'characters', has: isCharacter(character, reader.flags) }
}

function parseGroup(reader: Reader): Pattern[] {
  const { flags } = reader
  const look = takeMatch(reader, /\?(<?)([=!])/y)
  const name = look ? undefined : takeMatch(reader, /\?<([a-zA-Z][a-zA-Z0-9]*)>/y)?.[1]
  const atomic = !look && name === undefined && take(reader, '?>')
  const set =
    !look && name === undefined && !atomic ? takeMatch(reader, /\?([ims]*)(?:-([ims]+))?([:)])/y) : undefined
  if (set) reader.flags = { ...flags, ...flagsOf(set[1], true), ...flagsOf(set[2], false) }
  if (set?.[3] === ')') return []
  if (reader.source[reader.at] === '?') refuseRegexp(reader, 'this kind of group is not known')
  const number = look || atomic || set ? undefined : (reader.captures += 1)
  if (name !== undefined && reader.names.has(name)) refuseRegexp(reader, `there is a group ${name} already`)
  if (name !== undefined && number !== undefined) reader.names.set(name, number)
  const part = parseChoice(reader)
  if (!take(reader, ')')) refuseRegexp(reader, '")" is missing')
  reader.flags = flags
  if (look) return [{ kind: 'look', part, wanted: look[2] === '=', behind: look[1] === '<' }]
  if (atomic) return [{ kind: 'atomic', part }]
  return [number === undefined ? part : { kind: 'capture', number, part }]
}

function flagsOf(letters: string | undefined, value: boolean): object {
  const names = { i: 'ignoreCase', m: 'multiline', s: 'dotAll' } as const
  return Object.fromEntries(
    Object.entries(names).flatMap(([letter, name]) => (letters?.includes(letter) ? [[name, value]] : [])),
  )
}
