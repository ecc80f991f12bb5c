/**
 * Who has which decision on the desk: one for each reviewer. In memory, since it spares two people the same text and no
 * more: after a restart nobody has any, and what was labelled stands in the ledger.
 */
export interface Leases {
  /** The decision that a reviewer has. */
  readonly of: (reviewer: string) => number | undefined
  /** True while somebody else has it. */
  readonly isHeldFrom: (reviewer: string, index: number) => boolean
  /** Hands it out, in exchange for what the reviewer had. */
  readonly give: (reviewer: string, index: number) => void
  /** Gives a decision back, whoever has it. */
  readonly release: (index: number) => void
}

export interface LeaseOptions {
  readonly now: () => Date
  /** How long a decision is kept for who has it. Milliseconds. Default 600,000. */
  readonly lifetimeMs?: number
  /** Reviewers at once; of more, the one who was handed out to first loses the lease. Default 10,000. */
  readonly max?: number
}

interface Lease {
  readonly reviewer: string
  readonly index: number
  readonly until: number
}

export function createLeases({ now, lifetimeMs = 600_000, max = 10_000 }: LeaseOptions): Leases {
  const byReviewer = new Map<string, Lease>()
  const byIndex = new Map<number, Lease>()

  const drop = (lease: Lease | undefined): void => {
    if (!lease) return
    byReviewer.delete(lease.reviewer)
    byIndex.delete(lease.index)
  }
  const live = (lease: Lease | undefined): Lease | undefined => {
    if (!lease || lease.until > now().getTime()) return lease
    drop(lease)
    return undefined
  }
  return {
    of: (reviewer) => live(byReviewer.get(reviewer))?.index,
    isHeldFrom: (reviewer, index) => (live(byIndex.get(index))?.reviewer ?? reviewer) !== reviewer,
    give: (reviewer, index) => {
      drop(byReviewer.get(reviewer))
      drop(byIndex.get(index))
      // Names are the caller's to choose: there must be an end to them.
      const [oldest] = byReviewer.values()
      if (byReviewer.size >= max) drop(oldest)
      const lease = { reviewer, index, until: now().getTime() + lifetimeMs }
      byReviewer.set(reviewer, lease)
      byIndex.set(index, lease)
    },
    release: (index) => drop(byIndex.get(index)),
  }
}
