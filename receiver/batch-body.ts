import { isUtf8 } from 'node:buffer'
import { MAX_BATCH_ITEMS } from './action-handler.ts'
import type { BatchItem } from './action-handler.ts'
import { parseJson, parseJsonText } from './parse-json.ts'
import { RequestProblem } from './problem.ts'

/** Bytes of a body that may be a batch, at most: a thousand items of a kilobyte. */
export const MAX_BATCH_BYTES = 1_048_576

/** What a body holds: one input, or the items of a batch. */
export type Inputs =
  | { readonly kind: 'one'; readonly input: object }
  | { readonly kind: 'many'; readonly items: readonly BatchItem[] }

/** Of a JSON body: an object is one input, a list is a batch. @throws RequestProblem */
export function inputsOfJson(body: Uint8Array): Inputs {
  const value = parsed(body)
  if (Array.isArray(value)) {
    requireFewItems(value.length)
    return { kind: 'many', items: value.map((input: unknown, i) => ({ line: i + 1, input })) }
  }
  if (typeof value === 'object' && value !== null) return { kind: 'one', input: value }
  throw malformed()
}

function parsed(body: Uint8Array): unknown {
  try {
    return parseJson(body)
  } catch (error) {
    throw malformed(error)
  }
}

function malformed(cause?: unknown): RequestProblem {
  const detail = 'Send one well-formed JSON object, a list of them, or one a line as application/x-ndjson.'
  return new RequestProblem('request-malformed', { detail }, cause)
}

/**
 * Of a body with a JSON value a line; blank lines are passed over. A line that cannot be read is an item that says so:
 * the others can.
 *
 * @throws RequestProblem
 */
export function inputsOfLines(body: Buffer): Inputs {
  const isText = isUtf8(body)
  const parse = isText ? parseJsonText : (line: string) => parseJson(Buffer.from(line, 'latin1'))
  const lines = body
    .toString(isText ? 'utf8' : 'latin1')
    .split('\n')
    .map((text, i) => ({ line: i + 1, text }))
    .filter(({ text }) => !/^[ \t\r]*$/.test(text))
  requireFewItems(lines.length)
  return { kind: 'many', items: lines.map(({ line, text }) => itemOf(line, () => parse(text))) }
}

function itemOf(line: number, parse: () => unknown): BatchItem {
  try {
    return { line, input: parse() }
  } catch {
    return { line, unreadable: 'this line is not one well-formed JSON value in UTF-8' }
  }
}

function requireFewItems(count: number): void {
  if (count <= MAX_BATCH_ITEMS) return
  throw new RequestProblem('batch-too-large', {
    detail: `${count} items were sent, at most ${MAX_BATCH_ITEMS} are taken at a time. Nothing was recorded: send them in parts.`,
  })
}
