import { addInvalid } from './fields.ts'
import type { Violations } from './fields.ts'
import type { SandboxRequest } from './exchange.ts'
import { refuseViolations } from './sandbox-error.ts'

const DEFAULT_PAGE_SIZE = 25
const MAX_PAGE_SIZE = 100

/** One page of a Genesys Cloud entity listing. The URIs are relative to the API's host. */
export interface EntityListing<T> {
  readonly entities: readonly T[]
  readonly pageSize: number
  /** Counted from 1. */
  readonly pageNumber: number
  readonly total: number
  readonly firstUri: string
  readonly selfUri: string
  readonly nextUri?: string
  readonly previousUri?: string
  readonly lastUri: string
  readonly pageCount: number
}

/**
 * Cuts the page out of `all` that `pageSize` (default 25, at most 100) and `pageNumber` (default 1) ask for.
 * A page behind the last one is empty, not an error.
 *
 * @throws SandboxError `invalid.value`
 */
export function pageOf<T>(all: readonly T[], request: SandboxRequest): EntityListing<T> {
  const violations: Violations = []
  const pageSize = countParameter(violations, request, 'pageSize', DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
  const pageNumber = countParameter(violations, request, 'pageNumber', 1, 1_000_000)
  refuseViolations(violations)
  const pageCount = Math.ceil(all.length / pageSize)
  const uri = (page: number) => `${request.path}?pageSize=${pageSize}&pageNumber=${page}`
  return {
    entities: all.slice((pageNumber - 1) * pageSize, pageNumber * pageSize),
    pageSize,
    pageNumber,
    total: all.length,
    firstUri: uri(1),
    selfUri: uri(pageNumber),
    ...(pageNumber < pageCount ? { nextUri: uri(pageNumber + 1) } : {}),
    ...(pageNumber > 1 ? { previousUri: uri(pageNumber - 1) } : {}),
    lastUri: uri(Math.max(1, pageCount)),
    pageCount,
  }
}

function countParameter(
  violations: Violations,
  request: SandboxRequest,
  name: string,
  absent: number,
  max: number,
): number {
  const text = request.query.get(name)
  if (text === null) return absent
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (count >= 1 && count <= max) return count
  addInvalid(violations, name, text, `it must be an integer from 1 to ${max}.`)
  return absent
}
