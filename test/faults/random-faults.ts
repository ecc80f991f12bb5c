import type { FaultEffect } from '../../sandbox/faults.ts'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'

/** The longest that a call may take where these faults are about, in milliseconds. */
export const PATIENCE_MS = 150

const EFFECTS: readonly FaultEffect[] = [
  { kind: 'reset' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
  { kind: 'delay', ms: 3 * PATIENCE_MS },
]

export interface StruckFetch {
  readonly fetch: typeof globalThis.fetch
  /** Faults so far, and requests of the API that write. */
  readonly counts: { struck: number; requests: number; writes: number }
}

/** Strikes a share of all requests, the login's as well, applied or not: by chance, and the same for one seed. */
export function strikeAtRandom(sandbox: Sandbox, seed: number, share: number): StruckFetch {
  const random = seeded(seed)
  const counts = { struck: 0, requests: 0, writes: 0 }
  return {
    counts,
    fetch: (url, init) => {
      if (typeof url !== 'string') throw new TypeError('the SDK asks for texts')
      const { pathname } = new URL(url)
      const method = init?.method ?? 'GET'
      counts.requests++
      if (method !== 'GET' && pathname.startsWith('/api/')) counts.writes++
      if (random() < share) {
        counts.struck++
        const fault = EFFECTS[Math.floor(random() * EFFECTS.length)] ?? { kind: 'reset' }
        sandbox.addFault({ match: { method, path: pathname }, applied: random() < 0.5, fault })
      }
      return globalThis.fetch(url, init)
    },
  }
}

/** Mulberry32: 32 bits of state are enough to choose faults by. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
