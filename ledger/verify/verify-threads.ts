import { Worker } from 'node:worker_threads'
import type { CleanRange } from './clean-range.ts'
import type { RangeReader } from './verify-entries.ts'
import type { Answer, Question } from './verify-thread.ts'

/** Threads that look for what is clean. What they do not vouch for is looked at again by who asked. */
export interface VerifyThreads extends RangeReader {
  /** True when SQLite's own check of pages and indexes finds nothing, and no id is there twice. */
  readonly isFileClean: () => Promise<boolean>
  readonly close: () => Promise<void>
}

/** Ranges that each thread has before it: one at work, one waiting. */
const RANGES_A_THREAD = 2
/** Beyond this the one thread that grows the tree is the slowest. */
export const MAX_THREADS = 8

interface Waiter {
  readonly resolve: (answer: Answer) => void
}

/**
 * Starts threads that read a ledger file through connections of their own. A thread that cannot work answers that
 * nothing is clean: it can slow a verification down, and never make one pass.
 *
 * @param script the built `verify-thread.js`: a thread runs no TypeScript
 */
export function startVerifyThreads(
  file: string,
  count: number,
  script = new URL('./verify-thread.js', import.meta.url),
): VerifyThreads {
  const threads = Array.from({ length: Math.min(count, MAX_THREADS) }, () => startThread(file, script))
  let next = 0
  const ask = (question: Question): Promise<Answer> => {
    const thread = threads[next++ % threads.length]
    return thread ? thread.ask(question) : Promise.resolve({ kind: 'unclean' })
  }
  return {
    ahead: threads.length * RANGES_A_THREAD,
    read: async (from, to): Promise<CleanRange | undefined> => {
      const answer = await ask({ kind: 'range', from, to })
      if (answer.kind !== 'range') return undefined
      const { leaves, withEvidence } = answer
      return {
        leaves: Buffer.from(leaves),
        withEvidence: withEvidence.map(({ index, entry }) => ({ index, entry: Buffer.from(entry) })),
      }
    },
    isFileClean: async () => (await ask({ kind: 'file' })).kind === 'file',
    close: async () => {
      await Promise.all(threads.map((thread) => thread.end()))
    },
  }
}

function startThread(file: string, script: URL) {
  const worker = new Worker(script, { workerData: file })
  const waiting: Waiter[] = []
  let dead = false
  const giveUp = (): void => {
    dead = true
    for (const { resolve } of waiting.splice(0)) resolve({ kind: 'unclean' })
  }
  worker.on('message', (answer: Answer) => waiting.shift()?.resolve(answer))
  worker.on('error', giveUp)
  worker.on('exit', giveUp)
  return {
    ask: (question: Question): Promise<Answer> =>
      dead
        ? Promise.resolve({ kind: 'unclean' })
        : new Promise((resolve) => {
            waiting.push({ resolve })
            worker.postMessage(question)
          }),
    end: async (): Promise<void> => {
      await worker.terminate()
    },
  }
}
