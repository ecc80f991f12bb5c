import { Counter } from 'prom-client'
import type { Registry } from 'prom-client'
import { TOKEN_REFUSAL_CODES } from './token-refusal.ts'
import type { TokenRefusalCode } from './token-refusal.ts'

/** What became of a request for a token. */
export type TokenOutcome = 'issued' | TokenRefusalCode

export interface TokenMetrics {
  readonly countTokenRequest: (outcome: TokenOutcome) => void
}

/** The metrics of the token endpoint. Each series stands at 0 from the start: an alarm is an increase. */
export function tokenMetrics(registry: Registry): TokenMetrics {
  const requests = new Counter({
    name: 'filter_ledger_token_requests_total',
    help: 'Requests for an access token by what became of them: issued, or the reason of the refusal.',
    labelNames: ['outcome'],
    registers: [registry],
  })
  for (const outcome of ['issued', ...TOKEN_REFUSAL_CODES]) requests.inc({ outcome }, 0)
  return { countTokenRequest: (outcome) => requests.inc({ outcome }) }
}
