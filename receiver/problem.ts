import type { ServerResponse } from 'node:http'

/**
 * Every answer of the HTTP surface that is not a success. The one place where a status is chosen, but for the token
 * endpoint, whose errors RFC 6749 has a form for (`oauth/token-refusal.ts`).
 */
const PROBLEMS = {
  'request-malformed': [400, 'The request cannot be read', 'Send one well-formed JSON object.'],
  'query-invalid': [400, 'A query parameter is wrong', 'See the detail for the parameter and what it takes.'],
  'tile-path-malformed': [
    400,
    'The tile path is malformed',
    'A tile is /tile/<level>/<number>[.p/<width>], the number in groups of three digits: /tile/0/x001/234.p/5',
  ],
  'signature-malformed': [
    400,
    'The signature header cannot be read',
    'Send each signature header of this source once, in the form that its scheme has.',
  ],
  'signature-invalid': [
    401,
    'The signature is not accepted',
    'The delivery was not verified. Nothing was stored.',
  ],
  'source-not-permitted': [
    403,
    'This address may not deliver here',
    'The operator lists the addresses that may.',
  ],
  'token-missing': [
    401,
    'An access token is needed',
    'Send `Authorization: Bearer <token>` or `x-api-key: <token>`; `filter-ledger token issue` or POST /oauth/token makes one.',
  ],
  'tokens-differ': [
    400,
    'The request has two tokens',
    'Send one token, in Authorization or in x-api-key; in both only when it is the same.',
  ],
  'token-invalid': [
    401,
    'The access token is not accepted',
    'It is expired, was signed by another key, or is not for this service. Get a new one.',
  ],
  'scope-missing': [
    403,
    'The token does not allow this',
    'Get a token with the scope that the detail names.',
  ],
  'not-found': [404, 'There is nothing here', 'Check the path.'],
  'entry-not-found': [404, 'There is no such entry', 'The index is beyond the end of the ledger.'],
  'filter-not-found': [404, 'The ledger knows no such filter', 'No event of it has arrived.'],
  'export-not-found': [
    404,
    'There is no such finished export',
    'Its entry is written after its last byte; see the ledger for older ones.',
  ],
  'tile-not-found': [404, 'There is no such tile', 'The ledger is not that large (yet).'],
  'checkpoint-missing': [404, 'There is no such checkpoint', 'See GET /checkpoint for the newest one.'],
  'size-in-future': [404, 'The ledger never had that many entries', 'See GET /checkpoint for its size.'],
  'entry-archived': [
    410,
    'The entry was archived',
    'Its hash and proof are here; ask the operator for the archive.',
  ],
  'source-retired': [410, 'This source takes no more deliveries', 'Remove the subscription.'],
  'method-not-allowed': [405, 'The method is not allowed here', 'See the Allow header.'],
  'event-conflict': [
    409,
    'This event id was used before, with another body',
    'Give each event an id of its own.',
  ],
  'batch-too-large': [413, 'The batch has too many items', 'Send at most 1,000 at a time.'],
  'body-too-large': [413, 'The body is too large', 'See the documented limit.'],
  'media-type-unsupported': [
    415,
    'The content type or encoding is not supported',
    'Send application/json in UTF-8, not compressed.',
  ],
  'event-invalid': [
    422,
    'The delivery was verified but is not a valid event',
    'The detail names the first member that is wrong.',
  ],
  'operation-invalid': [422, 'The request breaks rules', 'The detail names every one; nothing was done.'],
  'rate-limited': [
    429,
    'Too many deliveries',
    'Nothing was stored. Try again after the time in Retry-After.',
  ],
  'internal-error': [
    500,
    'Something went wrong here',
    'The operator finds the cause in the log under this instance.',
  ],
  'archive-damaged': [
    503,
    'The entry cannot be read now',
    'Its archive is damaged here; its hash and proof are not. The operator has to put the archive right.',
  ],
  'genesys-unavailable': [502, 'Genesys Cloud could not be asked', 'See the detail; nothing was done.'],
  'keys-unavailable': [503, 'The sender\u2019s keys cannot be had now', 'Try again later.'],
  overloaded: [503, 'Too many deliveries are under way', 'Nothing was stored. Try again later.'],
  'ledger-unavailable': [503, 'The ledger takes no entries now', 'Nothing was stored. Try again later.'],
  'not-ready': [503, 'Not ready', 'Try again later.'],
} as const satisfies Record<string, readonly [number, string, string]>

export type ProblemType = keyof typeof PROBLEMS

/** Seconds after which asking again may help. */
const RETRY_AFTER_S = 5

export interface ProblemOptions {
  /** What is wrong in this case. Never text from inside, never a secret. Default: the type's own. */
  readonly detail?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A refusal that a handler throws; the error handler answers it as a problem. */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem'
  readonly code: ProblemType
  readonly options: ProblemOptions

  constructor(code: ProblemType, options: ProblemOptions = {}, cause?: unknown) {
    super(options.detail ?? PROBLEMS[code][2], { cause })
    this.code = code
    this.options = options
  }
}

/** The HTTP status of a problem. */
export function statusOf(type: ProblemType): number {
  return PROBLEMS[type][0]
}

export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
}

/** The RFC 9457 document. `type` is stable; `instance` names the request in the log. */
export function problemDocument(type: ProblemType, requestId: string, detail?: string): ProblemDocument {
  const [status, title, advice] = PROBLEMS[type]
  return {
    type: `urn:filter-ledger:problem:${type}`,
    title,
    status,
    detail: detail ?? advice,
    instance: `urn:uuid:${requestId}`,
  }
}

/** Answers with a problem document; on action routes with the members of Genesys' ErrorBody beside it. */
export function sendProblem(
  res: ServerResponse,
  type: ProblemType,
  requestId: string,
  options: ProblemOptions = {},
): void {
  const document = problemDocument(type, requestId, options.detail)
  // Express' router matches paths whatever their case.
  const isAction = /^\/actions\//i.test(res.req.url ?? '')
  const body = JSON.stringify(isAction ? { ...document, ...errorBody(type, document, requestId) } : document)
  if (document.status === 503) res.setHeader('retry-after', RETRY_AFTER_S)
  // A tile that is not there yet will be; and who is refused today may be let in tomorrow.
  res.setHeader('cache-control', 'no-store')
  for (const [name, value] of Object.entries(options.headers ?? {})) res.setHeader(name, value)
  res.statusCode = document.status
  res.setHeader('content-type', 'application/problem+json; charset=utf-8')
  res.setHeader('content-length', Buffer.byteLength(body))
  res.end(body)
}

/** What an Architect flow sees of a failure (Genesys' `ErrorBody`). */
function errorBody(type: ProblemType, { detail, status }: ProblemDocument, requestId: string) {
  return {
    message: detail,
    code: type.replaceAll('-', '.'),
    status,
    contextId: requestId,
    details: [],
    errors: [],
  }
}
