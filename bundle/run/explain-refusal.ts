import { isMembers } from '../definition/json-value.ts'
import type { JsonMembers, JsonValue } from '../definition/data-action.ts'
import { FAILURE_OUTPUTS } from '../definition/failure-outputs.ts'
import type { FailureOutputs } from '../definition/failure-outputs.ts'
import type { RawAnswer } from './run-report.ts'

const NONE = Object.fromEntries(FAILURE_OUTPUTS.map((name) => [name, ''])) as FailureOutputs

/** Genesys' own codes by status; another status has the code of its class. */
const CODES: Readonly<Record<number, string>> = {
  400: 'bad.request',
  401: 'bad.credentials',
  403: 'not.authorized',
  404: 'not.found',
  408: 'request.timeout',
  409: 'conflict',
  415: 'unsupported.media.type',
  429: 'too.many.requests',
  500: 'internal.server.error',
  503: 'service.unavailable',
  504: 'request.timeout',
}

export interface Failing {
  readonly correlationId: string
  readonly message: string
  /** Default: by the status. */
  readonly code?: string
  readonly status?: number
  /** The input or output at fault. */
  readonly field?: string
}

/** The outputs of a failure on this side of the request, or of an answer that cannot be used. */
export function failureOutputs({
  correlationId,
  message,
  code,
  status = 400,
  field,
}: Failing): FailureOutputs {
  const errorCode = code ?? codeOf(status)
  return {
    ...NONE,
    errorCode,
    status: String(status),
    correlationId,
    userMessage: message,
    ...(field !== undefined && { 'details.errorCode': errorCode, 'details.fieldName': field }),
  }
}

/**
 * The outputs of an answer that is no 2xx. Its body is taken for Genesys' ErrorBody where it is one; what the platform
 * shows of another service's body is not documented, and nothing of it is shown here but the status.
 */
export function refusalOutputs({ status, body }: RawAnswer, correlationId: string): FailureOutputs {
  const error = errorBodyOf(body)
  const message = textOf(error['message']) || `the service answered ${status}`
  const code = textOf(error['code']) || codeOf(status)
  const details: JsonValue = error['details'] ?? []
  const [first = {}] = Array.isArray(details) ? details.filter(isMembers) : []
  return {
    ...failureOutputs({ correlationId, message, code, status }),
    entityId: textOf(error['entityId']),
    entityName: textOf(error['entityName']),
    userParamsMessage: textOf(error['messageWithParams']),
    ...paramsOf(error['messageParams']),
    'details.errorCode': textOf(first['errorCode']),
    'details.fieldName': textOf(first['fieldName']),
    'details.entityId': textOf(first['entityId']),
    'details.entityName': textOf(first['entityName']),
  }
}

function errorBodyOf(body: string): JsonMembers {
  try {
    const parsed: unknown = JSON.parse(body)
    return isMembers(parsed) ? parsed : {}
  } catch {
    return {}
  }
}

function paramsOf(params: JsonValue | undefined) {
  const [[key, value] = []] = isMembers(params) ? Object.entries(params) : []
  return { 'userParams.key': key ?? '', 'userParams.value': textOf(value) }
}

function codeOf(status: number): string {
  return CODES[status] ?? (status >= 500 ? 'internal.server.error' : 'bad.request')
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
