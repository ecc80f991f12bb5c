import {
  addInvalid,
  booleanField,
  choiceField,
  choicesField,
  recordField,
  refuseUnknown,
  textField,
} from './fields.ts'
import type { Violations } from './fields.ts'
import { parseVersion, SERVER_MEMBERS } from './revision.ts'
import { isLoopback } from './loopback.ts'
import { refuseViolations } from './sandbox-error.ts'

export const EVENT_TYPES = [
  'ai:llm-gateway:filter:created',
  'ai:llm-gateway:filter:updated',
  'ai:llm-gateway:filter:deleted',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

const MEMBERS = [
  'name',
  'enabled',
  'api_version',
  'event_types',
  'address',
  'method',
  'content_type',
  'filter_id',
]
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const NO_CONTROL = /^\P{Cc}*$/u

/** A webhook subscription as a client sends it, defaults filled in. */
export interface SubscriptionInput {
  readonly name: string
  readonly enabled: boolean
  readonly api_version: 'v2'
  readonly event_types: readonly EventType[]
  /** https, or http to a loopback address. */
  readonly address: string
  readonly method: 'post'
  readonly content_type: 'application/json'
  /** Absent: all filters of the organisation. */
  readonly filter_id?: string
}

export interface ParsedSubscription {
  readonly input: SubscriptionInput
  readonly version: number | undefined
}

/** Parses a subscription payload. @throws SandboxError with every violation and its path */
export function parseSubscription(value: unknown): ParsedSubscription {
  const violations: Violations = []
  const record = recordField(violations, 'body', value)
  refuseViolations(violations)
  refuseUnknown(violations, record, [...MEMBERS, ...SERVER_MEMBERS])
  const { name, enabled, api_version: apiVersion, event_types: eventTypes, address, method, version } = record
  const { content_type: contentType, filter_id: filterId } = record
  const input: SubscriptionInput = {
    name: textField(violations, 'name', name, { min: 3, max: 128, pattern: NO_CONTROL }),
    enabled: booleanField(violations, 'enabled', enabled, true),
    api_version: choiceField(violations, 'api_version', apiVersion ?? 'v2', ['v2']),
    event_types: choicesField(violations, 'event_types', eventTypes, EVENT_TYPES),
    address: parseAddress(violations, address),
    method: choiceField(violations, 'method', method ?? 'post', ['post']),
    content_type: choiceField(violations, 'content_type', contentType ?? 'application/json', [
      'application/json',
    ]),
    ...(filterId === undefined
      ? {}
      : {
          filter_id: textField(violations, 'filter_id', filterId, {
            min: 36,
            max: 36,
            pattern: UUID,
          }).toLowerCase(),
        }),
  }
  const known = parseVersion(violations, version)
  refuseViolations(violations)
  return { input, version: known }
}

function parseAddress(violations: Violations, value: unknown): string {
  const address = textField(violations, 'address', value, { min: 1, max: 2048 })
  if (address === '') return address
  if (!URL.canParse(address)) {
    addInvalid(violations, 'address', address, 'it must be an absolute URL.')
    return ''
  }
  const url = new URL(address)
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
  if (!secure) addInvalid(violations, 'address', address, 'it must be https, or http to a loopback address.')
  if (url.username !== '' || url.password !== '') {
    addInvalid(violations, 'address', url.host, 'it must not carry credentials.')
  }
  return address
}
