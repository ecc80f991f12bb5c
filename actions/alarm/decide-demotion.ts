import { asRecord } from '../../ledger/entry/as-record.ts'
import { actionLine, carriesAction } from './alarm-standing.ts'
import type { AlarmStanding } from './alarm-standing.ts'

/** What is to become of filters in alarm without anybody being asked. */
export interface DemotionPolicy {
  /** Whether they are set to `flag_and_pass`. */
  readonly enabled: boolean
  /** A filter that has one of these categories is never demoted. */
  readonly mustBlock: readonly string[]
}

export type DemotionDecision =
  | { readonly demotion: 'off' }
  | { readonly demotion: 'withheld'; readonly reason: string }
  | { readonly demotion: 'asked' }

export interface DemotionCase {
  readonly standing: Pick<AlarmStanding, 'logE' | 'inForce' | 'version'>
  /** Of the filter, by the newest word on it; undefined when no entry that can be read tells. */
  readonly categories: readonly string[] | undefined
  /** How many filters are watched at once. */
  readonly watched: number
}

/** Decides whether a version in alarm is demoted by itself. Pure; asked again, it may decide otherwise. */
export function decideDemotion(
  { standing, categories, watched }: DemotionCase,
  { enabled, mustBlock }: DemotionPolicy,
): DemotionDecision {
  if (!enabled) return { demotion: 'off' }
  const held = mustBlockReason(categories, mustBlock)
  if (held !== undefined) return { demotion: 'withheld', reason: held }
  const { logE, inForce, version } = standing
  if (!inForce) return { demotion: 'withheld', reason: `version ${version} is not in force any more` }
  if (logE === null || !carriesAction(logE, watched))
    return { demotion: 'withheld', reason: tooLittle(logE, watched) }
  return { demotion: 'asked' }
}

/** Why a filter with these categories must go on blocking; undefined when it need not. */
export function mustBlockReason(
  categories: readonly string[] | undefined,
  mustBlock: readonly string[],
): string | undefined {
  if (mustBlock.length === 0) return undefined
  if (!categories) return 'its categories are not known, and one of them may be marked must_block'
  const [held] = categories.filter((category) => mustBlock.includes(category))
  return held === undefined ? undefined : `its category ${held} is marked must_block`
}

/** The categories of a filter; undefined when it names none that can be read. */
export function categoriesOf(filter: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const { content_categories: categories } = asRecord(filter['config'])
  if (!Array.isArray(categories)) return undefined
  return categories.filter((category): category is string => typeof category === 'string')
}

function tooLittle(logE: number | null, watched: number): string {
  const value = logE === null ? 0 : Math.exp(logE)
  const filters = watched === 1 ? '1 filter is watched' : `${watched} filters are watched`
  return `an automatic action needs an e-value of ${actionLine(watched)}, since ${filters}; it is ${value.toFixed(1)}`
}
