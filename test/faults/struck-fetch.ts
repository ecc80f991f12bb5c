/** What strikes a request. `lost`: it took effect, and its answer did not come back. */
const KINDS = ['500', '503', '429', 'lost', 'never-sent'] as const
type Kind = (typeof KINDS)[number]

export interface StruckFetch {
  readonly fetch: typeof fetch
  readonly allKinds: readonly Kind[]
  /** Requests so far, those struck, and those that reached the server and change something there. */
  readonly sent: () => number
  readonly struck: () => number
  readonly writes: () => number
  /** The kinds that have struck. */
  readonly kinds: () => ReadonlySet<Kind>
}

/** A network that strikes a share of all requests, at random but the same for the same seed. */
export function struckFetch(seed: number, share: number): StruckFetch {
  const random = mulberry32(seed)
  const kinds = new Set<Kind>()
  let [sent, struck, writes] = [0, 0, 0]
  return {
    allKinds: [...KINDS].sort(),
    sent: () => sent,
    struck: () => struck,
    writes: () => writes,
    kinds: () => kinds,
    fetch: async (url, init) => {
      sent++
      const reach = (): Promise<Response> => {
        if (
          init?.method !== 'GET' &&
          !String(url instanceof Request ? url.url : url).endsWith('/oauth/token')
        )
          writes++
        return fetch(url, init)
      }
      if (random() >= share) return reach()
      struck++
      const kind = KINDS[Math.floor(random() * KINDS.length)] ?? '500'
      kinds.add(kind)
      if (kind === 'never-sent') throw new TypeError('fetch failed')
      if (kind === 'lost') {
        await (await reach()).arrayBuffer()
        throw new TypeError('terminated')
      }
      const headers = { 'content-type': 'application/json', ...(kind === '429' && { 'retry-after': '1' }) }
      return new Response(JSON.stringify({ code: 'struck', status: Number(kind) }), {
        status: Number(kind),
        headers,
      })
    },
  }
}

/** A small generator with a seed; its numbers only have to be the same each time. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
