import { BundleError } from '../../bundle-error.ts'

/** What stands between the quotes of a JSON string. */
export function jsonEncoded(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** The text that a JSON string holds, from what stands between its quotes. Throws a BundleError for what is no such text. */
export function jsonDecoded(text: string): string {
  try {
    const value: unknown = JSON.parse(`"${text}"`)
    if (typeof value === 'string') return value
  } catch {
    // Told below.
  }
  throw new BundleError(
    'template-invalid',
    'esc.jsonDecode(...) was given a text that cannot stand between the quotes of a JSON string',
  )
}

/** `application/x-www-form-urlencoded`, as Java's URLEncoder writes it: a space becomes `+`. */
export function formEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()~]/g, percent)
    .replaceAll('%20', '+')
}

/** Percent-encoded but for the unreserved characters of RFC 3986: a space becomes `%20`. */
export function uriEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, percent)
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

const MARKUP: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Java also names accented letters (`&eacute;`); here they stay as they are. */
export function htmlEscaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => MARKUP[character] ?? character)
}

export function xmlEscaped(text: string): string {
  return htmlEscaped(text).replaceAll("'", '&apos;')
}

const NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\n': '\\n',
  '\t': '\\t',
  '\f': '\\f',
  '\r': '\\r',
}

/** What stands between the quotes of a Java string: of ASCII only. */
export function javaEscaped(text: string): string {
  return text.replace(/["\\]|[^ -~]/g, (character) => NAMED[character] ?? hex(character))
}

function hex(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}

export function javascriptEscaped(text: string): string {
  return javaEscaped(text).replace(/['/]/g, '\\$&')
}

export function sqlEscaped(text: string): string {
  return text.replaceAll("'", "''")
}
