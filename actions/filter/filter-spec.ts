/** Content categories of the filter API. */
export const CATEGORIES = [
  'hate_speech',
  'violence',
  'self_harm',
  'sexual',
  'political',
  'pii',
  'phishing',
] as const
export type Category = (typeof CATEGORIES)[number]

export const BLOCK_ACTIONS = ['block_and_log', 'redact_and_log', 'flag_and_pass'] as const
export type BlockAction = (typeof BLOCK_ACTIONS)[number]

/** Keys that a threshold may have: a category, its confidence, or toxicity over all of them. */
export const THRESHOLD_KEYS: readonly string[] = [
  ...CATEGORIES,
  ...CATEGORIES.map((category) => `${category}_confidence`),
  'toxicity',
]

/** In characters (code points). */
export const MIN_NAME_LENGTH = 3
export const MAX_NAME_LENGTH = 128

export const MIN_PRIORITY = 1
export const MAX_PRIORITY = 100

/** A filter that keeps every rule of the contract: names normalised, defaults filled, sets in order. */
export interface FilterSpec {
  readonly name: string
  readonly description?: string
  readonly filter_type: string
  readonly enabled: boolean
  /** 1..100, or `auto`: the pipeline allocates one. */
  readonly priority: number | 'auto'
  readonly config: FilterConfig
}

export interface FilterConfig {
  readonly content_categories: readonly Category[]
  readonly block_action: BlockAction
  /** Each 0..1. */
  readonly thresholds: Readonly<Record<string, number>>
  /** The greatest share of this filter's interventions that may be wrong, 0..1. */
  readonly false_positive_tolerance: number
}

/** A filter that is ready to be sent: its priority is decided. */
export interface PlannedFilter extends FilterSpec {
  readonly priority: number
}
