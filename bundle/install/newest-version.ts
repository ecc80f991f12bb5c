import type { InstallClock } from './carry-out.ts'

const ATTEMPTS = 5
const BETWEEN_MS = 500

/**
 * Reads and writes again when somebody else was faster. What is given has to read anew each time, and to write nothing when
 * what it wants is there already.
 */
export async function onNewestVersion<T>(clock: InstallClock, readAndWrite: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readAndWrite()
    } catch (error) {
      if (attempt >= ATTEMPTS || !isVersionMismatch(error)) throw error
      await clock.sleep(BETWEEN_MS * attempt)
    }
  }
}

/** The platform says it with 409, or with 400 and "Supplied version 2 does not match latest draft version 1". */
function isVersionMismatch(error: unknown): boolean {
  const status = statusOf(error)
  return status === 409 || (status === 400 && error instanceof Error && /version/i.test(error.message))
}

/** What the platform answered; undefined when it did not. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  return typeof status === 'number' ? status : undefined
}
