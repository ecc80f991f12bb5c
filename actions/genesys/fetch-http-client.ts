import platformClient from 'purecloud-platform-client-v2'
import { readCapped } from '../../ledger/http/read-body.ts'
import { isTimeout, withDeadline } from '../../ledger/http/with-deadline.ts'

/** What the SDK asks of an HTTP client. Its types do not export the class, its module does. */
interface SdkRequest {
  readonly url: string
  readonly method: string
  readonly headers?: Readonly<Record<string, unknown>>
  readonly params?: Readonly<Record<string, unknown>>
  readonly data?: unknown
  readonly timeout: number
}

/** What the SDK expects back, and inside an error that the server answered. */
export interface SdkResponse {
  readonly status: number
  readonly statusText: string
  readonly headers: Readonly<Record<string, string>>
  readonly data: unknown
  readonly text: string
}

/** The shape of failure that the SDK knows: with `response` the server answered, without it did not. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure'
  readonly response: SdkResponse | undefined
  readonly timedOut: boolean

  constructor(message: string, options: { response?: SdkResponse; timedOut?: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.response = options.response
    this.timedOut = options.timedOut ?? false
  }
}

const { AbstractHttpClient } = platformClient as unknown as {
  readonly AbstractHttpClient: new () => {
    timeout: number
    request(options: SdkRequest): Promise<SdkResponse>
  }
}

const MAX_BODY_BYTES = 16 * 1024 * 1024

/**
 * The SDK's HTTP client, on a `fetch` that is handed in: the SDK's own takes its time-out at construction,
 * and one deadline has to bound each call. Redirects are refused: a token goes to nobody else.
 */
export class FetchHttpClient extends AbstractHttpClient {
  readonly #fetch: typeof globalThis.fetch

  constructor(fetch: typeof globalThis.fetch) {
    super()
    this.#fetch = fetch
  }

  override async request({ url, method, headers, params, data, timeout }: SdkRequest): Promise<SdkResponse> {
    const init: RequestInit = {
      method,
      headers: textHeaders(headers, data),
      redirect: 'error',
      ...(data !== undefined && { body: typeof data === 'string' ? data : JSON.stringify(data) }),
    }
    const response = await this.#send(withQuery(url, params), init, Math.max(1, Math.floor(timeout)))
    if (response.status >= 200 && response.status < 300) return response
    throw new HttpFailure(`the server answered ${response.status}`, { response })
  }

  /** Hooks belong to the SDK's own client; this one has none. */
  enableHooks(): void {
    throw new TypeError('this HTTP client has no hooks')
  }

  async #send(url: string, init: RequestInit, timeoutMs: number): Promise<SdkResponse> {
    try {
      return await withDeadline(timeoutMs, async (signal) => {
        const response = await this.#fetch(url, { ...init, signal })
        const body = await readCapped(response, MAX_BODY_BYTES, signal)
        if (!body) throw new RangeError('the answer is too large')
        const text = body.toString('utf8')
        const headers = Object.fromEntries(response.headers)
        const { status, statusText } = response
        return { status, statusText, headers, text, data: parseJson(text) }
      })
    } catch (error) {
      const timedOut = isTimeout(error)
      throw new HttpFailure(timedOut ? 'the call timed out' : 'the server could not be reached', {
        timedOut,
        cause: error,
      })
    }
  }
}

function withQuery(url: string, params: Readonly<Record<string, unknown>> | undefined): string {
  const pairs = Object.entries(params ?? {}).map(([name, value]): [string, string] => [name, String(value)])
  const query = new URLSearchParams(pairs)
  return query.size === 0 ? url : `${url}?${query.toString()}`
}

function textHeaders(
  headers: Readonly<Record<string, unknown>> | undefined,
  data: unknown,
): Record<string, string> {
  const texts = Object.entries(headers ?? {}).map(([name, value]): [string, string] => [name, String(value)])
  // The login sends a form without saying so; axios would have said it.
  const form = typeof data === 'string' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}
  return { ...form, ...Object.fromEntries(texts) }
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    // A proxy's HTML page: the text is kept, and the caller sees that there is no JSON.
    return undefined
  }
}
