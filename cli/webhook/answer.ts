import { printable } from './printable.ts'

/** What a receiver answered, as far as a sender can use it. */
export interface Answer {
  readonly status: number
  /** The last part of `urn:filter-ledger:problem:…`, or the whole type of another's problem. */
  readonly problem?: string
  readonly detail?: string
  /** Seconds or a date, as it was sent. */
  readonly retryAfter?: string
}

const OWN_PROBLEMS = 'urn:filter-ledger:problem:'

/** Reads an answer; a body that is no problem document (RFC 9457) says nothing. */
export function readProblem(status: number, body: string, retryAfter: string | null | undefined): Answer {
  const document = parseObject(body)
  const { type, detail } = document
  return {
    status,
    ...(typeof type === 'string' && { problem: printable(type).replace(OWN_PROBLEMS, '') }),
    ...(typeof detail === 'string' && { detail: printable(detail) }),
    ...(typeof retryAfter === 'string' && { retryAfter: printable(retryAfter) }),
  }
}

/** One line for a person. */
export function describeAnswer({ status, problem, detail, retryAfter }: Answer): string {
  const name = problem === undefined ? '' : ` ${problem}`
  const retry = retryAfter === undefined ? '' : ` (retry-after: ${retryAfter})`
  return `${status}${name}: ${detail ?? MEANINGS[status] ?? 'no problem document came with it'}${retry}`
}

const MEANINGS: Readonly<Record<number, string>> = {
  202: 'accepted, and on disk',
  400: 'no HTTP that the server reads',
  408: 'too slow',
  431: 'the headers are too large',
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
