import type { RemoteFilter } from '../../actions/filter/compare-filters.ts'
import type { GenesysPort, Subscription } from '../../actions/genesys/port.ts'
import type { GenesysConfig } from '../config.ts'
import { ask } from './ask.ts'
import type { AskDeps, HttpAnswer, NoAnswer } from './ask.ts'

/** Genesys Cloud as the checks ask it. Each thing is asked for once, however many checks look at it. */
export interface GenesysSite {
  readonly apiHost: string
  readonly loginHost: string
  /** The API without a token: who is there at all. */
  readonly greet: () => Promise<HttpAnswer | NoAnswer>
  readonly logIn: () => Promise<HttpAnswer | NoAnswer>
  /** The access token of the login; undefined when there is none. */
  readonly token: () => Promise<string | undefined>
  /** What the API says of the token. */
  readonly tokenInfo: () => Promise<HttpAnswer | NoAnswer>
  readonly filters: () => Promise<readonly RemoteFilter[]>
  readonly subscriptions: () => Promise<readonly Subscription[]>
}

const CALL = { timeoutMs: 12_000 }

export function genesysSite(config: GenesysConfig, port: GenesysPort, deps: AskDeps): GenesysSite {
  const api = (path: string): URL => below(config.baseUrl, path)
  const loginUrl = config.gateway ? api('/oauth/token') : loginUrlOf(config.baseUrl)
  const greet = once(() => ask(api('/api/v2/organizations/me'), {}, deps))
  const logIn = once(() => ask(loginUrl, loginRequest(config), deps))
  const token = async (): Promise<string | undefined> => {
    const answer = await logIn()
    if ('unreachable' in answer || answer.status !== 200) return undefined
    const { access_token: value } = answer.body
    return typeof value === 'string' ? value : undefined
  }
  const tokenInfo = once(async () => {
    const headers = { authorization: `Bearer ${(await token()) ?? ''}` }
    return ask(api('/api/v2/tokens/me'), { headers }, deps)
  })
  return {
    apiHost: config.baseUrl.host,
    loginHost: loginUrl.host,
    greet,
    logIn,
    token,
    tokenInfo,
    filters: once(() => port.listFilters(CALL)),
    subscriptions: once(() => port.listSubscriptions(CALL)),
  }
}

/** As the SDK makes it of the API's host. */
function loginUrlOf({ host }: URL): URL {
  return new URL(`https://login.${host.replace(/^(api|login)\./, '')}/oauth/token`)
}

function loginRequest({
  clientId,
  clientSecret,
}: GenesysConfig): Pick<RequestInit, 'method' | 'headers' | 'body'> {
  return {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  }
}

function below(base: URL, path: string): URL {
  return new URL(`${base.origin}${base.pathname.replace(/\/+$/, '')}${path}`)
}

function once<T>(get: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= get())
}
