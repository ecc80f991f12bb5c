import type { EventType } from './subscription-rules.ts'

/** How one attempt ended: with an HTTP status, or without an answer. */
export interface DeliveryAttempt {
  /** Counted from 1. */
  readonly attempt: number
  /** RFC 3339, UTC: when it ended. */
  readonly at: string
  readonly status?: number
  readonly error?: 'timeout' | 'network'
}

/** What became of one event for one subscription. */
export interface DeliveryRecord {
  /** Id of the event. */
  readonly id: string
  readonly eventType: EventType
  readonly subscriptionId: string
  readonly filterId: string
  readonly address: string
  /** `cancelled`: the sandbox was closed before it was done. */
  readonly state: 'pending' | 'delivered' | 'failed' | 'cancelled'
  readonly attempts: readonly DeliveryAttempt[]
}

export interface DeliveryLog {
  /** Opens a record and returns the function that replaces it. */
  readonly open: (record: DeliveryRecord) => (next: DeliveryRecord) => void
  /** Oldest first. */
  readonly records: () => readonly DeliveryRecord[]
}

/** Keeps the last `size` records and forgets older ones. */
export function createDeliveryLog(size: number): DeliveryLog {
  const records = new Map<number, DeliveryRecord>()
  let next = 0
  return {
    open: (record) => {
      const key = next
      next += 1
      records.set(key, record)
      records.delete(key - size)
      return (changed) => {
        if (records.has(key)) records.set(key, changed)
      }
    },
    records: () => [...records.values()],
  }
}
