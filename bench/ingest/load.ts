import autocannon from 'autocannon'
import type { SignedDelivery } from './signed-deliveries.ts'

export const CONNECTIONS = 64

export interface Round {
  readonly rps: number
  readonly p99Ms: number
  readonly accepted: number
}

/** Sends each delivery once, spread over the connections. Every one of them must be accepted. */
export async function sendRound(url: string, deliveries: readonly SignedDelivery[]): Promise<Round> {
  let next = 0
  const share = deliveries.length / CONNECTIONS
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    amount: deliveries.length,
    setupClient: (client) => {
      const mine = deliveries.slice(next, (next += share))
      client.setRequests(mine.map((delivery) => ({ method: 'POST', ...delivery })))
    },
  })
  const accepted = result['2xx']
  if (accepted !== deliveries.length)
    throw new Error(`${accepted} of ${deliveries.length} deliveries were accepted`)
  return { rps: accepted / result.duration, p99Ms: result.latency.p99, accepted }
}

/** The middle one, of figures that differ from round to round. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}
