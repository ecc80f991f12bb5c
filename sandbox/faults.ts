import {
  addInvalid,
  booleanField,
  integerField,
  isRecord,
  recordField,
  refuseUnknown,
  textField,
} from './fields.ts'
import type { Violations } from './fields.ts'
import { refuseViolations } from './sandbox-error.ts'

/** What the caller gets instead of, or after, the true answer. */
export type FaultEffect =
  | {
      readonly kind: 'status'
      /** 400 to 599. */
      readonly status: number
      /** Default: the code that goes with the status. */
      readonly code?: string
      readonly message?: string
      /** For example `retry-after`. */
      readonly headers?: Readonly<Record<string, string>>
    }
  /** The connection is torn down without an answer. */
  | { readonly kind: 'reset' }
  /** The answer comes late: the true one if applied, otherwise 504. */
  | { readonly kind: 'delay'; readonly ms: number }

export interface Fault {
  readonly match: {
    /** Default: any method. */
    readonly method?: string
    /** Path without query; `*` stands for one segment or a part of it, `**` for anything. */
    readonly path: string
  }
  /** How many requests it strikes. Default 1. */
  readonly times?: number
  /** True: the request takes effect first ("applied, but you were told it failed"). Default false. */
  readonly applied?: boolean
  readonly fault: FaultEffect
}

/** A fault in the queue, with its defaults filled in. */
export interface QueuedFault extends Required<Fault> {
  /** How many requests it still strikes. */
  readonly remaining: number
}

export interface FaultQueue {
  readonly add: (fault: Fault) => QueuedFault
  /** The first fault that matches, used up once. */
  readonly take: (method: string, path: string) => QueuedFault | undefined
  readonly list: () => readonly QueuedFault[]
  readonly clear: () => void
}

export function createFaultQueue(): FaultQueue {
  let queue: readonly QueuedFault[] = []
  return {
    add: (fault) => {
      const times = fault.times ?? 1
      const queued = { ...fault, times, applied: fault.applied ?? false, remaining: times }
      queue = [...queue, queued]
      return queued
    },
    take: (method, path) => {
      const found = queue.find(({ match }) => matches(match, method, path))
      if (found === undefined) return undefined
      queue = queue
        .map((one) => (one === found ? { ...one, remaining: one.remaining - 1 } : one))
        .filter(({ remaining }) => remaining > 0)
      return found
    },
    list: () => queue,
    clear: () => {
      queue = []
    },
  }
}

function matches(match: Fault['match'], method: string, path: string): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== method) return false
  const pattern = match.path
    .split(/(\*\*|\*)/)
    .map((part) =>
      part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'),
    )
  return new RegExp(`^${pattern.join('')}$`).test(path)
}

/** Parses the body of POST /sandbox/faults. @throws SandboxError with every violation and its path */
export function parseFault(value: unknown): Fault {
  const violations: Violations = []
  const record = recordField(violations, 'body', value)
  refuseViolations(violations)
  refuseUnknown(violations, record, ['match', 'times', 'applied', 'fault'])
  const match = recordField(violations, 'match', record['match'])
  refuseUnknown(violations, match, ['method', 'path'], 'match.')
  const method = match['method']
  const fault: Fault = {
    match: {
      path: textField(violations, 'match.path', match['path'], { min: 1, max: 1024, pattern: /^[/*]/ }),
      ...(method === undefined
        ? {}
        : {
            method: textField(violations, 'match.method', method, { min: 3, max: 10, pattern: /^[a-z]+$/i }),
          }),
    },
    times: integerField(violations, 'times', record['times'] ?? 1, { min: 1, max: 1_000_000 }),
    applied: booleanField(violations, 'applied', record['applied'], false),
    fault: parseEffect(violations, record['fault']),
  }
  refuseViolations(violations)
  return fault
}

function parseEffect(violations: Violations, value: unknown): FaultEffect {
  const { kind, status, code, message, headers, ms } = recordField(violations, 'fault', value)
  if (kind === 'reset') return { kind }
  if (kind === 'delay') {
    return { kind, ms: integerField(violations, 'fault.ms', ms, { min: 0, max: 600_000 }) }
  }
  if (kind !== 'status') {
    addInvalid(violations, 'fault.kind', kind, 'allowable values are: status, reset, delay.')
    return { kind: 'reset' }
  }
  return {
    kind,
    status: integerField(violations, 'fault.status', status, { min: 400, max: 599 }),
    ...(code === undefined ? {} : { code: textField(violations, 'fault.code', code, { min: 1, max: 128 }) }),
    ...(message === undefined
      ? {}
      : { message: textField(violations, 'fault.message', message, { min: 1, max: 1024 }) }),
    ...(headers === undefined ? {} : { headers: parseHeaders(violations, headers) }),
  }
}

function parseHeaders(violations: Violations, value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) addInvalid(violations, 'fault.headers', value, 'it must be an object of texts.')
  const headers: Record<string, string> = {}
  for (const [name, text] of Object.entries(isRecord(value) ? value : {})) {
    const rule = { min: 1, max: 1024, pattern: /^[\x20-\x7e]+$/ }
    if (!/^[a-z0-9-]+$/i.test(name)) addInvalid(violations, 'fault.headers', name, 'it is not a header name.')
    headers[name.toLowerCase()] = textField(violations, `fault.headers.${name}`, text, rule)
  }
  return headers
}
