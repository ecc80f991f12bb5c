import type { IncomingMessage } from 'node:http'
import { VerificationError } from '../webhook/verification-error.ts'

/** Node joins repeated headers with a comma; which one was signed cannot be told, so both are refused. */
export function singleHeader({ headers, rawHeaders }: IncomingMessage): (name: string) => string | undefined {
  return (name) => {
    const value = headers[name]
    if (value === undefined) return undefined
    const sent = rawHeaders.filter((header, i) => i % 2 === 0 && header.toLowerCase() === name).length
    if (sent > 1 || typeof value !== 'string')
      throw new VerificationError('signature-malformed', `the header ${name} stands more than once`)
    return value
  }
}
