import { postBytes } from '../raw-request.ts'
import type { PostParts, RawRequest } from '../raw-request.ts'
import { sampleBody, signDelivery } from '../sender.ts'
import type { Header, Scheme, Sender } from '../sender.ts'

/** What a receiver should answer. Where `problem` is undefined, the answer comes from the HTTP server itself. */
export interface ExpectedAnswer {
  readonly status: number
  /** The last part of `urn:filter-ledger:problem:…`. */
  readonly problem?: string
}

export interface AttackStep {
  readonly request: RawRequest
  /** Default: what the attack as a whole expects. */
  readonly expect?: ExpectedAnswer
}

/** One thing that somebody could send who is not the sender, or who is and means no good. */
export interface Attack {
  /** Kebab-case, unique. */
  readonly name: string
  readonly schemes: readonly Scheme[]
  readonly description: string
  /** What the last request should be answered with. */
  readonly expect: ExpectedAnswer
  /**
   * How many events are in the ledger afterwards that were not there before. Default 0. A verified body that is no
   * event may be there besides, in quarantine.
   */
  readonly stores?: number
  /** True when the answer takes a minute. */
  readonly isSlow?: boolean
  /** The requests in their order: one, or several where the sequence is the attack. */
  readonly steps: (sender: Sender) => readonly AttackStep[]
  /** What the sender must have for it; undefined when any will do. */
  readonly needs?: { readonly what: string; readonly holds: (sender: Sender) => boolean }
}

export const ALL_SCHEMES = ['jws', 'hub-sha256', 'standard-webhooks', 'api-key'] as const
/** Those that bind the body. */
export const SIGNING_SCHEMES = ['jws', 'hub-sha256', 'standard-webhooks'] as const

export const ACCEPTED: ExpectedAnswer = { status: 202 }
export const MALFORMED: ExpectedAnswer = { status: 400, problem: 'signature-malformed' }
export const INVALID: ExpectedAnswer = { status: 401, problem: 'signature-invalid' }
export const NO_EVENT: ExpectedAnswer = { status: 422, problem: 'event-invalid' }
export const UNSUPPORTED: ExpectedAnswer = { status: 415, problem: 'media-type-unsupported' }
export const NO_HTTP: ExpectedAnswer = { status: 400 }

/** A delivery in its parts, so that one of them can be changed. */
export interface DeliveryParts {
  readonly body: Buffer
  readonly headers: readonly Header[]
}

/** A genuine delivery with an event of its own. */
export function genuine(sender: Sender, body: Buffer = sampleBody(sender)): DeliveryParts {
  return { body, headers: signDelivery(sender, body) }
}

/** A request to the sender's route. */
export function post(sender: Sender, parts: PostParts): RawRequest {
  return { bytes: postBytes(sender.url, parts) }
}

/** The same headers, with the value of one changed. */
export function withHeader(headers: readonly Header[], name: string, value: string): readonly Header[] {
  return headers.map((header) => (header[0] === name ? [name, value] : header))
}

/** One request as the steps of an attack. */
export function once(build: (sender: Sender) => RawRequest): Attack['steps'] {
  return (sender) => [{ request: build(sender) }]
}
