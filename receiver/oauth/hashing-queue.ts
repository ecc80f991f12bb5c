import { deliveriesUnderWay } from '../edge/under-way.ts'
import { TokenRefusal } from './token-refusal.ts'

export interface HashingQueueOptions {
  /** Hashes that are computed at once. Default 2: of Node's four threads, tokens are signed and verified by the others. */
  readonly atOnce?: number
  /** Hashes that are computed or wait. Default 32. */
  readonly places?: number
}

/** Whose secret is hashed. */
export interface Asker {
  readonly address: string
  /** True when it had a secret right before: strangers cannot take every place. */
  readonly isKnown: boolean
}

/** Runs work in its turn. @throws TokenRefusal `busy` when there is no place to wait at */
export type InTurn = <T>(asker: Asker, work: () => Promise<T>) => Promise<T>

/** Each hash takes 32 MiB and a thread for a tenth of a second: so many at once and no more, whoever asks. */
export function hashingQueue({ atOnce = 2, places = 32 }: HashingQueueOptions = {}): InTurn {
  const underWay = deliveriesUnderWay({
    max: places,
    maxOfAddress: Math.ceil(places / 4),
    maxOfStrangers: Math.ceil((places * 3) / 4),
  })
  const waiting: (() => void)[] = []
  let running = 0

  const myTurn = (): Promise<void> => {
    if (running < atOnce) {
      running++
      return Promise.resolve()
    }
    return new Promise((resolve) => waiting.push(resolve))
  }
  // The place of one that is done goes to the next, without being free in between.
  const done = (): void => {
    const next = waiting.shift()
    if (next) next()
    else running--
  }

  return async ({ address, isKnown }, work) => {
    const leave = underWay.enter(address, isKnown)
    if (!leave) throw new TokenRefusal('busy')
    try {
      await myTurn()
      try {
        return await work()
      } finally {
        done()
      }
    } finally {
      leave()
    }
  }
}
