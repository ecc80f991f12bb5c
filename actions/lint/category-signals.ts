import { CATEGORIES } from '../filter/filter-spec.ts'
import type { Category, FilterSpec } from '../filter/filter-spec.ts'

/** What the signal `toxicity` is about. It says nothing on politics, personal data or fraud. */
export const TOXIC: readonly Category[] = ['hate_speech', 'violence', 'self_harm', 'sexual']

/**
 * Categories whose findings have a place in the text that can be taken out and leaves a sentence: a card number, a
 * link. Hate, threats and the like are what a whole text says.
 */
export const WITH_SPANS: readonly Category[] = ['pii', 'phishing']

/** The categories that a threshold key decides on. */
export function categoriesOf(key: string): readonly Category[] {
  if (key === 'toxicity') return TOXIC
  return CATEGORIES.filter((category) => key === category || key === `${category}_confidence`)
}

/** The thresholds of a filter that decide on a category, by their keys. */
export function thresholdsOn(category: Category, { config }: FilterSpec): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(config.thresholds).filter(([key]) => categoriesOf(key).includes(category)),
  )
}
