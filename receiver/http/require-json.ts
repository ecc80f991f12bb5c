import type { IncomingMessage } from 'node:http'
import { RequestProblem } from '../problem.ts'

const JSON_TYPE = /^application\/json *(?:; *charset="?utf-8"? *)?$/i

/**
 * Before the body is read: what is not JSON in UTF-8, sent as it is, is not read at all.
 *
 * @throws RequestProblem `media-type-unsupported`
 */
export function requireJson({ headers, rawHeaders }: IncomingMessage): void {
  const contentType = headers['content-type'] ?? ''
  const encoding = headers['content-encoding'] ?? 'identity'
  // Node drops all but the first: what another reader takes the body for cannot be told.
  const types = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-type').length
  if (types > 1 || !JSON_TYPE.test(contentType) || encoding.toLowerCase() !== 'identity') {
    throw new RequestProblem('media-type-unsupported', {
      headers: { 'accept-post': 'application/json', 'accept-encoding': 'identity' },
    })
  }
}
