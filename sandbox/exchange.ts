import { SandboxError } from './sandbox-error.ts'

/** An HTTP request without its transport. */
export interface SandboxRequest {
  /** Upper case. */
  readonly method: string
  /** As received, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
  /** Made by the sandbox, returned as `inin-correlation-id`. */
  readonly correlationId: string
}

/** An HTTP answer without its transport. */
export interface SandboxAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What became of a request: an answer, or a connection torn down without one. */
export type SandboxOutcome =
  { readonly kind: 'answer'; readonly answer: SandboxAnswer } | { readonly kind: 'reset' }

export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): SandboxAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}

export function emptyAnswer(): SandboxAnswer {
  return { status: 204, headers: {}, body: '' }
}

/** Reads a JSON body. @throws SandboxError `unsupported.media.type`, `bad.request` */
export function readJson(request: SandboxRequest): unknown {
  if (mediaType(request) !== 'application/json') {
    throw new SandboxError('unsupported.media.type', 'The content type must be application/json.')
  }
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.body))
    return value
  } catch (cause) {
    throw new SandboxError(
      'bad.request',
      'The request could not be understood by the server due to malformed syntax.',
      { cause },
    )
  }
}

/** The media type without parameters, in lower case; empty when there is none. */
export function mediaType(request: SandboxRequest): string {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';')
  return type.trim().toLowerCase()
}
