import { isWordCharacter } from './escapes.ts'
import type { Pattern } from './pattern.ts'
import type { Flags } from './reader.ts'

/** What asserts where it stands and takes no character: `^`, `$`, `\b`, `\B`, `\A`, `\Z`, `\z`; undefined: it is none. */
export function assertionOf(source: string, { multiline }: Flags): Pattern | undefined {
  const holds = holdsOf(source, multiline)
  return holds && { kind: 'assertion', holds }
}

function holdsOf(source: string, multiline: boolean): ((text: string, at: number) => boolean) | undefined {
  switch (source) {
    case '^':
      return multiline
        ? (text, at) => at === 0 || (text[at - 1] === '\n' && at < text.length)
        : (_, at) => at === 0
    case '$':
      return multiline ? (text, at) => at === text.length || isLineEndAt(text, at) : atEnd
    case '\\A':
      return (_, at) => at === 0
    case '\\Z':
      return atEnd
    case '\\z':
      return (text, at) => at === text.length
    case '\\b':
      return atWordBoundary
    case '\\B':
      return (text, at) => !atWordBoundary(text, at)
    default:
      return undefined
  }
}

function isLineEndAt(text: string, at: number): boolean {
  return text[at] === '\n' || text[at] === '\r'
}

/** The end, or before the line end that stands there. */
function atEnd(text: string, at: number): boolean {
  if (at === text.length) return true
  return (
    (at === text.length - 1 && isLineEndAt(text, at)) || (at === text.length - 2 && text.endsWith('\r\n'))
  )
}

function atWordBoundary(text: string, at: number): boolean {
  return isWordAt(text, at - 1) !== isWordAt(text, at)
}

function isWordAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return !Number.isNaN(code) && isWordCharacter(code)
}
