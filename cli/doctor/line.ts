/** What a check found. `detail` and `advice` hold no secret, and of another's text only what is printable. */
export interface Finding {
  readonly state: 'ok' | 'warn' | 'fail'
  /** What is so. */
  readonly detail: string
  /** What to do. */
  readonly advice?: string
}

/** A finding with the name of its check: what is printed. */
export interface Line extends Finding {
  readonly name: string
}

export function ok(detail: string): Finding {
  return { state: 'ok', detail }
}

export function warn(detail: string, advice?: string): Finding {
  return { state: 'warn', detail, ...(advice !== undefined && { advice }) }
}

export function fail(detail: string, advice?: string): Finding {
  return { state: 'fail', detail, ...(advice !== undefined && { advice }) }
}
