const WIDTH = 30
/** Redraws at most this often: a terminal is slower than a verification. */
const INTERVAL_MS = 100

/** A progress bar on standard error. */
export interface Progress {
  readonly show: (done: number, total: number) => void
  readonly end: () => void
}

/** Shown on a terminal alone, and never beside JSON: a log file has no use for it. */
export function progressBar(what: string, json: boolean | undefined): Progress {
  if (!process.stderr.isTTY || json) return { show: () => undefined, end: () => undefined }
  let last = 0
  return {
    show: (done, total) => {
      const now = performance.now()
      if (now - last < INTERVAL_MS && done < total) return
      last = now
      const share = total === 0 ? 1 : done / total
      const bar = '#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '.')
      process.stderr.write(`\r[${bar}] ${Math.floor(share * 100)}% ${done} of ${total} ${what}`)
    },
    end: () => process.stderr.write('\r\u001b[K'),
  }
}
