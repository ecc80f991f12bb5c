/** What a receiver logged, counted; and what it must never log. */
export interface LogWatch {
  /** Takes a line in and gives its message. */
  readonly read: (line: string) => string | undefined
  /** Requests that ended so: a status and, where there is one, the reason, such as `503 ledger-full`. */
  readonly count: (ending: string) => number
  /** Fetches of the key set that failed so. */
  readonly keyFetches: (outcome: string) => number
  /** Lines and ends that must not be. */
  readonly problems: string[]
}

interface LogLine {
  readonly level: number
  readonly msg: string
  readonly status?: number
  readonly reason?: string
  readonly duplicate?: boolean
  readonly outcome?: string
}

const ERROR_LEVEL = 50

export function watchLog(): LogWatch {
  const counts = new Map<string, number>()
  const problems: string[] = []
  const add = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1)
  const countOf = (what: string): number => counts.get(what) ?? 0

  const readRequest = (line: string, { status = 0, reason, duplicate }: LogLine): void => {
    add([status, reason ?? (duplicate ? 'duplicate' : undefined)].filter(Boolean).join(' '))
    if (status === 500) problems.push(line)
  }
  const readLine = (line: string): string => {
    const logged = JSON.parse(line) as LogLine
    const { level, msg, outcome } = logged
    if (msg === 'request') readRequest(line, logged)
    else if (level >= ERROR_LEVEL) problems.push(line)
    if (msg === 'the key set could not be fetched') add(`keys ${outcome ?? ''}`)
    return msg
  }
  return {
    read: (line) => {
      try {
        return readLine(line)
      } catch {
        // kill -9 may cut the last line.
        return undefined
      }
    },
    count: countOf,
    keyFetches: (outcome) => countOf(`keys ${outcome}`),
    problems,
  }
}
