import { asRecord } from '../../ledger/entry/as-record.ts'
import { GenesysError } from './genesys-error.ts'

/** The API's largest page. */
export const PAGE_SIZE = 100
/** A server that never says it is done must not keep us reading. */
export const MAX_PAGES = 1000

export interface Page {
  readonly entities: readonly unknown[]
  readonly isLast: boolean
}

/** @throws GenesysError `unusable` when it is no page, or one too many */
export function readPage(value: unknown, pageNumber: number): Page {
  if (pageNumber > MAX_PAGES) throw unusable(`more than ${MAX_PAGES} pages`)
  const { entities, pageCount, nextUri } = asRecord(value)
  if (!Array.isArray(entities)) throw unusable('a page without entities')
  const full = entities.length === PAGE_SIZE || typeof nextUri === 'string'
  const more = typeof pageCount === 'number' ? pageNumber < pageCount : full
  return { entities: entities as readonly unknown[], isLast: !more || entities.length === 0 }
}

export function unusable(what: string): GenesysError {
  return new GenesysError('unusable', `Genesys Cloud answered with ${what}`, { outcome: 'unknown' })
}
