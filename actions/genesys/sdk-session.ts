import platformClient from 'purecloud-platform-client-v2'
import { asRecord } from '../../ledger/entry/as-record.ts'
import { FetchHttpClient } from './fetch-http-client.ts'
import { GenesysError } from './genesys-error.ts'
import { UNLIMITED } from './rate-limiter.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { toGenesysError } from './sdk-failure.ts'

export interface SessionOptions {
  readonly clientId: string
  readonly clientSecret: string
  /** API root, e.g. `https://api.mypurecloud.com`. */
  readonly baseUrl: URL
  /** True when login and API share one host: a gateway, or the sandbox. */
  readonly gateway: boolean
  readonly fetch: typeof globalThis.fetch
  readonly now: () => Date
  /** Every request takes a permit of it, a login too; one for all that share the OAuth client. Default: none. */
  readonly limiter?: RateLimiter
}

export interface SdkCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** May hold `{id}`. */
  readonly path: string
  readonly id?: string
  readonly query?: Readonly<Record<string, string | number>>
  readonly body?: object
  readonly timeoutMs: number
}

/** One call through the SDK, logged in. Rejects with GenesysError; resolves to the parsed body. */
export type SdkSession = (call: SdkCall) => Promise<unknown>

export type ApiClient = typeof platformClient.ApiClient

export interface SdkAnswer {
  /** Undefined when the answer is no JSON. */
  readonly body: unknown
  readonly text: string
}

/** One request by an API class of the SDK, logged in, within so many milliseconds. Rejects with GenesysError. */
export type SdkRun = (timeoutMs: number, use: (sdk: ApiClient) => Promise<unknown>) => Promise<SdkAnswer>

/** A token is renewed this long before it ends: clocks differ, and calls take time. */
const EXPIRY_SKEW_MS = 60_000
/** What of a call's time its wait for a permit leaves: an answer that is not waited for tells nothing. */
const ANSWER_MS = 2000

/** A session for calls that no class of the SDK has. */
export function openSession(options: SessionOptions): SdkSession {
  const run = openSdk(options)
  return async ({ timeoutMs, ...call }) => (await run(timeoutMs, (sdk) => callApi(sdk, call))).body
}

/**
 * A session of the official SDK with a client of its own. The SDK neither renews tokens of the client
 * credentials grant nor retries: here one login serves all who wait for it, is renewed before it ends, and
 * once after a 401.
 */
export function openSdk(options: SessionOptions): SdkRun {
  const { limiter = UNLIMITED } = options
  const client = makeClient(options)
  let login: Promise<void> | undefined
  let expiresAt = -Infinity

  const permit = (timeoutMs: number): Promise<void> =>
    limiter.take(Math.max(timeoutMs / 2, timeoutMs - ANSWER_MS))
  const failed = (failure: unknown, during: 'login' | 'api'): GenesysError => {
    const error = toGenesysError(failure, options.now(), during)
    if (error.code === 'rate-limited' && error.retryAfterMs !== undefined) limiter.pause(error.retryAfterMs)
    return error
  }

  const logIn = async (left: () => number): Promise<void> => {
    await permit(left())
    client.timeout = left()
    try {
      const { tokenExpiryTime } = await client.sdk.loginClientCredentialsGrant(
        options.clientId,
        options.clientSecret,
      )
      expiresAt = tokenExpiryTime - EXPIRY_SKEW_MS
    } catch (error) {
      throw failed(error, 'login')
    }
  }
  const ensureLogin = (left: () => number): Promise<void> => {
    if (options.now().getTime() < expiresAt) return Promise.resolve()
    return (login ??= logIn(left).finally(() => (login = undefined)))
  }

  const send = async (use: (sdk: ApiClient) => Promise<unknown>, left: () => number): Promise<SdkAnswer> => {
    await permit(left())
    client.timeout = left()
    try {
      const { body, text } = asRecord(await use(client.sdk))
      return { body, text: typeof text === 'string' ? text : '' }
    } catch (error) {
      throw failed(error, 'api')
    }
  }

  return async (timeoutMs, use) => {
    const end = options.now().getTime() + timeoutMs
    // Login and call share the time that the caller gave.
    const left = (): number => Math.max(1, end - options.now().getTime())
    await ensureLogin(left)
    const usedLogin = expiresAt
    try {
      return await send(use, left)
    } catch (error) {
      if (!(error instanceof GenesysError) || error.code !== 'unauthorized') throw error
      // The token may have been revoked: one new login, unless another call has made it, then the answer stands.
      if (expiresAt === usedLogin) expiresAt = -Infinity
      await ensureLogin(left)
      return send(use, left)
    }
  }
}

function makeClient({ baseUrl, gateway, fetch }: SessionOptions) {
  const sdk = newApiClient()
  sdk.setEnvironment(baseUrl.host)
  if (gateway) sdk.setGateway(gatewayOf(baseUrl))
  sdk.setHttpClient(new FetchHttpClient(fetch) as unknown as typeof sdk.httpClient)
  // The only way to see status and headers of an answer.
  sdk.setReturnExtendedResponses(true)
  const settings = sdk as unknown as { timeout: number }
  return {
    sdk,
    set timeout(ms: number) {
      settings.timeout = ms
    },
  }
}

function callApi(
  sdk: ApiClient,
  { method, path, id, query, body }: Omit<SdkCall, 'timeoutMs'>,
): Promise<unknown> {
  const parameters = (query ?? {}) as unknown as Record<string, object>
  const json = ['application/json']
  const pathParameters = id === undefined ? {} : { id }
  const security = ['PureCloud OAuth']
  return sdk.callApi(path, method, pathParameters, parameters, {}, {}, body, security, json, json)
}

/**
 * A client of the SDK that nobody else steers. The SDK takes gateway and logging from a settings file in the
 * user's home, and watches it: for this client, and for the one it makes when it is imported.
 */
function newApiClient(): ApiClient {
  const { ApiClientClass } = platformClient as unknown as { readonly ApiClientClass: new () => ApiClient }
  const sdk = new ApiClientClass()
  for (const { config } of [sdk, platformClient.ApiClient]) config.setConfigPath('')
  delete sdk.config.gateway
  sdk.config.logger.log_level = 'none'
  sdk.config.logger.setLogger()
  return sdk
}

function gatewayOf({ protocol, hostname, port, pathname }: URL) {
  const path = pathname.replace(/\/+$/, '')
  return {
    protocol: protocol.slice(0, -1),
    host: hostname,
    ...(port !== '' && { port: Number(port) }),
    ...(path !== '' && { path_params_login: path, path_params_api: path }),
  } as Parameters<ApiClient['setGateway']>[0]
}
