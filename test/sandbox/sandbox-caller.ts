import platformClient from 'purecloud-platform-client-v2'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'

export type SdkClient = typeof platformClient.ApiClient

function isSdkClient(value: unknown): value is SdkClient {
  return typeof value === 'object' && value !== null && 'callApi' in value
}

/** An ApiClient of its own, so that tests do not share the SDK's singleton, pointed at the sandbox. */
export function sdkFor(sandbox: Sandbox): SdkClient {
  const client: unknown = Reflect.construct(platformClient.ApiClient.constructor, [])
  if (!isSdkClient(client)) throw new TypeError('the SDK has no ApiClient')
  client.config.live_reload_config = false
  client.setGateway({ host: sandbox.host, protocol: 'http', port: sandbox.port })
  return client
}

/** Calls a path the SDK has no method for, the way its own methods do. */
export async function callSdk(
  client: SdkClient,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const json = ['application/json']
  const answer: unknown = await client.callApi(
    path,
    method,
    {},
    {},
    {},
    {},
    body,
    ['PureCloud OAuth'],
    json,
    json,
  )
  return answer
}

export interface CallAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

export interface CallOptions {
  readonly body?: unknown
  /** Sent as it is, instead of `body` as JSON. */
  readonly text?: string
  readonly contentType?: string
  readonly token?: string
}

/** Calls the sandbox without the SDK, to see statuses and headers. */
export async function call(
  sandbox: Sandbox,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<CallAnswer> {
  const { body, text = body === undefined ? undefined : JSON.stringify(body), token } = options
  const response = await fetch(sandbox.url + path, {
    method,
    headers: {
      ...(text === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(text === undefined ? {} : { body: text }),
  })
  const answer = await response.text()
  const parsed: unknown = answer.startsWith('{') ? JSON.parse(answer) : answer
  return { status: response.status, headers: response.headers, body: parsed }
}

/** Logs in and returns the access token. */
export async function login(
  sandbox: Sandbox,
  id = sandbox.clientId,
  secret = sandbox.clientSecret,
): Promise<string> {
  const response = await fetch(`${sandbox.url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  return textMember(await response.json(), 'access_token')
}

/** A text member of an answer. */
export function textMember(value: unknown, name: string): string {
  const text = member(value, name)
  if (typeof text !== 'string') throw new TypeError(`no text ${name}`)
  return text
}

/** Any member of an answer. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object')
  return new Map<string, unknown>(Object.entries(value)).get(name)
}

export const FILTERS = '/api/v2/ai/llm-gateway/filters'
export const SUBSCRIPTIONS = '/api/v2/webhooks'

/** A payload that is well formed; each call's name differs. */
export function filterPayload(name: string, changes: Readonly<Record<string, unknown>> = {}) {
  return {
    name,
    description: 'Blocks high-confidence toxicity and PII leaks',
    filter_type: 'safety',
    enabled: true,
    config: {
      content_categories: ['hate_speech', 'violence', 'pii'],
      block_action: 'block_and_log',
      thresholds: { toxicity: 0.8, pii_confidence: 0.92 },
      false_positive_tolerance: 0.03,
    },
    ...changes,
  }
}

export function subscriptionPayload(address: string, changes: Readonly<Record<string, unknown>> = {}) {
  return {
    name: 'llm-filter-audit',
    enabled: true,
    api_version: 'v2',
    event_types: [
      'ai:llm-gateway:filter:created',
      'ai:llm-gateway:filter:updated',
      'ai:llm-gateway:filter:deleted',
    ],
    address,
    method: 'post',
    content_type: 'application/json',
    ...changes,
  }
}
