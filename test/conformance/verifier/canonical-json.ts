import { insist } from './refusal.ts'

// RFC 8785. Numbers and strings are ECMAScript's own; members are sorted by UTF-16 code units.

/** The one spelling of a JSON value. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`).join(',')}}`
}

/** Parses one entry, which must be a canonical JSON object. @throws Refusal */
export function readEntry(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  insist(
    isObject(value) &&
      canonicalText(value) === text &&
      Buffer.from(text).equals(bytes) &&
      !/(?<!\\)(?:\\\\)*\\ud[89a-f][0-9a-f]{2}/.test(text),
    'entry-not-canonical',
    `not a canonical JSON object: ${text.slice(0, 80)}`,
  )
  return value
}

/** What a JSON pointer (RFC 6901) names, or undefined. */
export function atPointer(value: unknown, pointer: string): unknown {
  let at = value
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
    at = (isObject(at) || Array.isArray(at)) && Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined
  }
  return at
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
