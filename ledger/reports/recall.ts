/** Remembers the newest of many things, so that memory stays flat however long the ledger is. */
export interface Recall<T> {
  readonly get: (key: string) => T | undefined
  readonly set: (key: string, value: T) => void
  readonly delete: (key: string) => void
}

/** @param limit how many are remembered; the one that was set longest ago is forgotten first */
export function recall<T>(limit: number): Recall<T> {
  const kept = new Map<string, T>()
  return {
    get: (key) => kept.get(key),
    set: (key, value) => {
      kept.delete(key)
      kept.set(key, value)
      const [oldest] = kept.keys()
      if (kept.size > limit && oldest !== undefined) kept.delete(oldest)
    },
    delete: (key) => kept.delete(key),
  }
}
