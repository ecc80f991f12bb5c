import type { IncomingMessage } from 'node:http'
import { RequestProblem } from '../problem.ts'

const JSON_TYPE = /^application\/json *(?:; *charset="?utf-8"? *)?$/i
const LINES_TYPE = /^application\/(?:x-ndjson|ndjson|jsonl) *(?:; *charset="?utf-8"? *)?$/i

/**
 * Before the body is read: what is not JSON in UTF-8, sent as it is, is not read at all.
 *
 * @throws RequestProblem `media-type-unsupported`
 */
export function requireJson(message: IncomingMessage): void {
  if (isSentAs(message, JSON_TYPE)) return
  throw new RequestProblem('media-type-unsupported', {
    headers: { 'accept-post': 'application/json', 'accept-encoding': 'identity' },
  })
}

/** The same where a JSON value a line is taken, too. @throws RequestProblem `media-type-unsupported` */
export function requireJsonOrLines(message: IncomingMessage): void {
  if (isSentAs(message, JSON_TYPE) || isSentAs(message, LINES_TYPE)) return
  throw new RequestProblem('media-type-unsupported', {
    detail: 'Send application/json or application/x-ndjson in UTF-8, not compressed.',
    headers: { 'accept-post': 'application/json, application/x-ndjson', 'accept-encoding': 'identity' },
  })
}

/** Whether the body is one JSON value a line. */
export function isLines({ headers }: IncomingMessage): boolean {
  return LINES_TYPE.test(headers['content-type'] ?? '')
}

function isSentAs({ headers, rawHeaders }: IncomingMessage, type: RegExp): boolean {
  const encoding = headers['content-encoding'] ?? 'identity'
  // Node drops all but the first: what another reader takes the body for cannot be told.
  const types = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-type').length
  return types <= 1 && type.test(headers['content-type'] ?? '') && encoding.toLowerCase() === 'identity'
}
