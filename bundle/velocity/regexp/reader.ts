import { BundleError } from '../../bundle-error.ts'
import type { CharacterTest } from './pattern.ts'

/** The flags that hold where the reader stands. */
export interface Flags {
  readonly ignoreCase: boolean
  readonly dotAll: boolean
  readonly multiline: boolean
}

/** Where the reading of a regular expression stands. Its owner is that reading. */
export interface Reader {
  readonly source: string
  at: number
  flags: Flags
  captures: number
  readonly names: Map<string, number>
  depth: number
}

/** Ends the reading: what Java refuses, or what is not carried out here. */
export function refuseRegexp({ source, at }: Reader, why: string): never {
  const shown = source.length > 60 ? `${source.slice(0, 60)}...` : source
  throw new BundleError(
    'template-invalid',
    `the regular expression ${shown} cannot be used: ${why} at character ${at + 1}`,
  )
}

export function take(reader: Reader, word: string): boolean {
  if (!reader.source.startsWith(word, reader.at)) return false
  reader.at += word.length
  return true
}

/** What a sticky pattern matches here; steps over it. */
export function takeMatch(reader: Reader, sticky: RegExp): RegExpExecArray | undefined {
  sticky.lastIndex = reader.at
  const found = sticky.exec(reader.source) ?? undefined
  reader.at += found?.[0].length ?? 0
  return found
}

/** The next character, which is stepped over. */
export function takeCharacter(reader: Reader): number {
  const codePoint = reader.source.codePointAt(reader.at)
  if (codePoint === undefined) refuseRegexp(reader, 'it ends too early')
  reader.at += codePoint > 0xffff ? 2 : 1
  return codePoint
}

/** Tests for one character; without regard to case for ASCII letters only, as in Java. */
export function isCharacter(wanted: number, { ignoreCase }: Flags): CharacterTest {
  if (!ignoreCase) return (codePoint) => codePoint === wanted
  const folded = fold(wanted)
  return (codePoint) => fold(codePoint) === folded
}

export function isBetween(first: number, last: number, { ignoreCase }: Flags): CharacterTest {
  const has = (codePoint: number) => codePoint >= first && codePoint <= last
  return ignoreCase ? (codePoint) => has(codePoint) || has(fold(codePoint)) || has(unfold(codePoint)) : has
}

function fold(codePoint: number): number {
  return codePoint >= 65 && codePoint <= 90 ? codePoint + 32 : codePoint
}

function unfold(codePoint: number): number {
  return codePoint >= 97 && codePoint <= 122 ? codePoint - 32 : codePoint
}
