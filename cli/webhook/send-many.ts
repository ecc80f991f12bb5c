import { CliError, EXIT } from '../exit.ts'
import type { Answer } from './answer.ts'

export interface LoadOptions {
  /** How many deliveries in all. */
  readonly count: number
  /** How many of them under way at once. */
  readonly concurrency: number
  /** Milliseconds of any clock that never goes back. */
  readonly clock: () => number
}

/** What became of many deliveries. */
export interface LoadSummary {
  readonly count: number
  /** How many of each answer, by status and problem; `unreachable` for none. Most frequent first. */
  readonly answers: ReadonlyMap<string, number>
  readonly accepted: number
  readonly unreachable: number
  readonly seconds: number
  /** Deliveries a second. */
  readonly rate: number
  /** Milliseconds until the answer. */
  readonly p50: number
  readonly p99: number
}

/** Sends deliveries by so many senders at once, each its next one as soon as the last is answered. */
export async function sendMany(
  send: () => Promise<Answer>,
  { count, concurrency, clock }: LoadOptions,
): Promise<LoadSummary> {
  const outcomes: { readonly name: string; readonly status: number; readonly ms: number }[] = []
  let left = count
  const startedAt = clock()
  const sendSome = async (): Promise<void> => {
    while (left-- > 0) {
      const sentAt = clock()
      const { status, problem } = await send().catch(unreachable)
      const name = status === 0 ? 'unreachable' : [String(status), problem ?? ''].join(' ').trim()
      outcomes.push({ name, status, ms: clock() - sentAt })
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, sendSome))
  const seconds = (clock() - startedAt) / 1000
  const times = outcomes.map(({ ms }) => ms).sort((a, b) => a - b)
  return {
    count,
    answers: tally(outcomes.map(({ name }) => name)),
    accepted: outcomes.filter(({ status }) => status >= 200 && status < 300).length,
    unreachable: outcomes.filter(({ status }) => status === 0).length,
    seconds,
    rate: count / seconds,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
  }
}

function unreachable(error: unknown): Answer {
  if (error instanceof CliError && error.code === EXIT.unreachable) return { status: 0 }
  throw error
}

function tally(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return new Map([...counts].sort(([, a], [, b]) => b - a))
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
