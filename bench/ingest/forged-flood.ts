import { setTimeout as sleep } from 'node:timers/promises'
import autocannon from 'autocannon'
import { residentMiB } from './servers.ts'
import type { Server } from './servers.ts'
import type { Sender, SignedDelivery } from './signed-deliveries.ts'

const FORGED = 100_000
const CONNECTIONS = 32
/** Different ones: what is repeated could be cached somewhere. */
const DISTINCT = 2000
const HONEST_EVERY_MS = 100

export interface FloodOptions {
  /** The address that a forged delivery seems to come from. */
  readonly addressOf: (i: number) => string
}

/**
 * Forged deliveries, well formed and under a known key id, so that each has to be verified; honest ones in between.
 * Tells how memory went, and what became of the honest ones.
 */
export async function floodWithForged(server: Server, sender: Sender, { addressOf }: FloodOptions) {
  const forged = sender.forged(DISTINCT)
  const memory: (number | undefined)[] = [residentMiB(server)]
  let isOver = false
  const honest = sendHonest(server.url, sender, () => isOver)
  const statuses: Record<string, number> = {}
  let sent = 0
  for (let part = 0; part < 4; part++) {
    const result = await autocannon({
      url: server.url,
      connections: CONNECTIONS,
      amount: FORGED / 4,
      setupClient: (client) => {
        client.setRequests(
          forged
            .slice(0, DISTINCT / CONNECTIONS)
            .map((_, i) => withAddress(forged[(i * CONNECTIONS + sent++) % DISTINCT], addressOf(sent))),
        )
      },
    })
    for (const [status, { count }] of Object.entries(result.statusCodeStats ?? {}))
      statuses[status] = (statuses[status] ?? 0) + (count ?? 0)
    memory.push(residentMiB(server))
  }
  isOver = true
  const answers = await honest
  return {
    forged: FORGED,
    statuses,
    resident_mib: memory,
    honest_sent: answers.length,
    honest_202: answers.filter(({ status }) => status === 202).length,
    honest_worst_ms: Math.round(Math.max(...answers.map(({ ms }) => ms))),
  }
}

function withAddress(delivery: SignedDelivery | undefined, address: string) {
  if (!delivery) throw new TypeError('there are fewer deliveries than that')
  return {
    method: 'POST' as const,
    ...delivery,
    headers: { ...delivery.headers, 'x-forwarded-for': address },
  }
}

interface HonestAnswer {
  readonly status: number
  readonly ms: number
}

async function sendHonest(
  url: string,
  sender: Sender,
  isOver: () => boolean,
): Promise<readonly HonestAnswer[]> {
  const answers: HonestAnswer[] = []
  while (!isOver()) {
    const [delivery] = sender.es256(1)
    if (!delivery) break
    const begun = performance.now()
    const { status } = await fetch(url + delivery.path, {
      method: 'POST',
      body: delivery.body,
      headers: { ...delivery.headers, 'x-forwarded-for': '198.51.100.1' },
    })
    answers.push({ status, ms: performance.now() - begun })
    await sleep(HONEST_EVERY_MS)
  }
  return answers
}
