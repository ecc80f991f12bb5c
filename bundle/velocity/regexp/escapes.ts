import type { CharacterTest } from './pattern.ts'
import { type Reader, refuseRegexp, takeCharacter, takeMatch } from './reader.ts'

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 }
const CLASSES: Readonly<Record<string, CharacterTest>> = {
  d: testOf(/[0-9]/),
  w: testOf(/[a-zA-Z_0-9]/),
  s: testOf(/[ \t\n\v\f\r]/),
  h: testOf(/[ \t\u00a0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000]/),
  v: testOf(/[\n\v\f\r\u0085\u2028\u2029]/),
}

/** Java's POSIX names, which are of ASCII alone. */
const POSIX: Readonly<Record<string, CharacterTest>> = {
  Lower: testOf(/[a-z]/),
  Upper: testOf(/[A-Z]/),
  ASCII: (codePoint) => codePoint < 0x80,
  Alpha: testOf(/[a-zA-Z]/),
  Digit: testOf(/[0-9]/),
  Alnum: testOf(/[a-zA-Z0-9]/),
  Punct: testOf(/[!-/:-@[-`{-~]/),
  Graph: testOf(/[!-~]/),
  Print: testOf(/[ -~]/),
  Blank: testOf(/[ \t]/),
  Cntrl: (codePoint) => codePoint < 0x20 || codePoint === 0x7f,
  XDigit: testOf(/[0-9a-fA-F]/),
  Space: testOf(/[ \t\n\v\f\r]/),
}

/** Whether a character counts as one of a word for `\b`, which unlike `\w` knows every letter. */
export const isWordCharacter: CharacterTest = testOf(/[\p{L}\p{Nd}_]/u)

/** Reads what follows a backslash where that is one character: `\t`, `\u0041`, `\.`; undefined: it is something else. */
export function takeEscapedCharacter(reader: Reader): number | undefined {
  const coded = takeMatch(reader, /x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})/y)
  if (coded) return Number.parseInt(coded[1] ?? coded[2] ?? coded[3] ?? '', 16)
  const octal = takeMatch(reader, /0([0-3][0-7]{2}|[0-7]{1,2})/y)
  if (octal) return Number.parseInt(octal[1] ?? '', 8)
  const control = takeMatch(reader, /c([@-_])/y)
  if (control) return (control[1] ?? '').charCodeAt(0) ^ 64
  const named = takeMatch(reader, /[tnrfae]/y)?.[0]
  if (named !== undefined) return CONTROLS[named]
  return /^[^a-zA-Z0-9]/.test(reader.source.slice(reader.at, reader.at + 1))
    ? takeCharacter(reader)
    : undefined
}

/** Reads what follows a backslash where that is a class of characters: `\d`, `\W`, `\p{L}`; undefined: it is none. */
export function takeEscapedClass(reader: Reader): CharacterTest | undefined {
  const named = takeMatch(reader, /([pP])(?:\{([^}]*)\}|(.))/y)
  if (named) {
    const has = propertyTest(reader, named[2] ?? named[3] ?? '')
    return named[1] === 'P' ? (codePoint) => !has(codePoint) : has
  }
  const letter = takeMatch(reader, /[dwshvDWSHV]/y)?.[0]
  if (letter === undefined) return undefined
  const has = CLASSES[letter.toLowerCase()] ?? (() => false)
  return letter === letter.toLowerCase() ? has : (codePoint) => !has(codePoint)
}

function propertyTest(reader: Reader, written: string): CharacterTest {
  const posix = Object.hasOwn(POSIX, written) ? POSIX[written] : undefined
  if (posix) return posix
  const name = written.replace(/^Is/, '')
  if (!/^[A-Za-z_]+(=[A-Za-z_]+)?$/.test(name)) refuseRegexp(reader, `\\p{${written}} is no known class`)
  try {
    return testOf(new RegExp(`\\p{${name}}`, 'u'))
  } catch {
    refuseRegexp(reader, `\\p{${written}} is no known class`)
  }
}

function testOf(one: RegExp): CharacterTest {
  return (codePoint) => one.test(String.fromCodePoint(codePoint))
}
