import type { HttpAnswer } from './ask.ts'
import { fail, ok, warn } from './line.ts'
import type { Finding } from './line.ts'

const WARN_S = 30

/**
 * Our clock against the `Date` of an answer, which is cut to whole seconds.
 *
 * @param whose the other clock, in words
 * @param toleranceS how far a webhook's signed time may lie from ours: half of it is too much
 */
export function checkClock(whose: string, { header, at }: HttpAnswer, toleranceS: number): Finding {
  const theirs = Date.parse(header('date') ?? '')
  if (Number.isNaN(theirs)) return warn(`${whose} sends no Date to compare with`)
  const ahead = Math.round((at.getTime() - theirs - 500) / 1000)
  const offset = Math.abs(ahead)
  const which = `ours is ${offset} s ${ahead < 0 ? 'behind' : 'ahead of'} that of ${whose}`
  const advice =
    'set the clock of this machine by NTP: a webhook is refused when its signed time is too far from ours'
  if (offset > toleranceS / 2) return fail(`${which}; webhooks may be ${toleranceS} s off`, advice)
  return offset > WARN_S ? warn(which, advice) : ok(offset <= 1 ? `agrees with that of ${whose}` : which)
}
