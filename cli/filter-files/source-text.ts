import type { Fault } from './place.ts'
import { FILTER_SOURCE } from './source-kind.ts'

/** Far more than any set of filters, and than any data action. */
export const MAX_FILE_BYTES = 1024 * 1024

/** A text without its byte order mark, or why the bytes are none that can be read. */
export type SourceText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly text: string; readonly fault: Fault }

/** What neither JSON nor YAML lets stand in a text; they move the cursor of whoever looks at it. */
// eslint-disable-next-line no-control-regex -- it looks for them
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/

/** Decodes the bytes of a file. They may be one byte more than the limit: then there were more. */
export function decodeSource(bytes: Uint8Array, { one, none } = FILTER_SOURCE): SourceText {
  if (bytes.length > MAX_FILE_BYTES) {
    return refused('', 0, `larger than ${MAX_FILE_BYTES} bytes: ${none} is; split it, or name the right file`)
  }
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return refused('', 0, 'the file is in UTF-16: save it in UTF-8')
  // Broken bytes become U+FFFD here; whether any were broken, the strict one tells.
  const text = new TextDecoder('utf-8').decode(bytes)
  if (!isUtf8(bytes))
    return refused(text, firstBroken(text, bytes), 'not UTF-8 from here on: save the file in UTF-8')
  const control = text.search(CONTROL)
  if (control !== -1) {
    const code = text.charCodeAt(control).toString(16).toUpperCase().padStart(4, '0')
    return refused(text, control, `a control character (U+${code}) stands here: take it out`)
  }
  if (text.trim() === '') return refused(text, 0, `the file is empty: a ${one} is expected`)
  return { ok: true, text }
}

function refused(text: string, at: number, message: string): SourceText {
  return { ok: false, text, fault: { at, message } }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

/** A file may hold U+FFFD by right: the first one that does not stand in the bytes as such is meant. */
function firstBroken(text: string, bytes: Uint8Array): number {
  const skipped = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  for (let at = text.indexOf('\ufffd'); at !== -1; at = text.indexOf('\ufffd', at + 1)) {
    const start = skipped + Buffer.byteLength(text.slice(0, at))
    if (bytes[start] !== 0xef || bytes[start + 1] !== 0xbf || bytes[start + 2] !== 0xbd) return at
  }
  return 0
}
