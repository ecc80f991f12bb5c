import {
  addInvalid,
  booleanField,
  choiceField,
  choicesField,
  integerField,
  recordField,
  refuseUnknown,
  shareField,
  textField,
} from './fields.ts'
import type { Violations } from './fields.ts'
import { parseVersion, SERVER_MEMBERS } from './revision.ts'
import { refuseViolations } from './sandbox-error.ts'

const CATEGORIES = ['hate_speech', 'violence', 'self_harm', 'sexual', 'political', 'pii', 'phishing'] as const
const BLOCK_ACTIONS = ['block_and_log', 'redact_and_log', 'flag_and_pass'] as const
const MEMBERS = ['name', 'description', 'filter_type', 'enabled', 'priority', 'config']
const CONFIG_MEMBERS = ['content_categories', 'block_action', 'thresholds', 'false_positive_tolerance']
const SNAKE_CASE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/
// Control characters would let a name forge a second line in a log.
const NO_CONTROL = /^\P{Cc}*$/u

export interface FilterConfig {
  readonly content_categories: readonly (typeof CATEGORIES)[number][]
  readonly block_action: (typeof BLOCK_ACTIONS)[number]
  readonly thresholds: Readonly<Record<string, number>>
  readonly false_positive_tolerance: number
}

/** Stands in after a violation; it is refused before it is used. */
const NO_CONFIG: FilterConfig = {
  content_categories: [],
  block_action: 'block_and_log',
  thresholds: {},
  false_positive_tolerance: 0,
}

/** A filter as a client sends it, defaults filled in. */
export interface FilterInput {
  readonly name: string
  readonly description?: string
  readonly filter_type: string
  readonly enabled: boolean
  /** Absent: the server allocates one. */
  readonly priority?: number
  readonly config: FilterConfig
}

export interface ParsedFilter {
  readonly input: FilterInput
  /** The version the client believes it replaces. */
  readonly version: number | undefined
}

/** Parses a filter payload. @throws SandboxError with every violation and its path */
export function parseFilter(value: unknown, maxPriority: number): ParsedFilter {
  const violations: Violations = []
  const record = recordField(violations, 'body', value)
  refuseViolations(violations)
  refuseUnknown(violations, record, [...MEMBERS, ...SERVER_MEMBERS])
  const { name, description, filter_type: type, enabled, priority, config, version } = record
  const input: FilterInput = {
    name: textField(violations, 'name', name, { min: 3, max: 128, pattern: NO_CONTROL }),
    ...(description === undefined
      ? {}
      : { description: textField(violations, 'description', description, { min: 0, max: 1024 }) }),
    filter_type: textField(violations, 'filter_type', type ?? 'safety', {
      min: 1,
      max: 64,
      pattern: SNAKE_CASE,
    }),
    enabled: booleanField(violations, 'enabled', enabled, true),
    ...(priority === undefined
      ? {}
      : { priority: integerField(violations, 'priority', priority, { min: 1, max: maxPriority }) }),
    config: parseConfig(violations, config),
  }
  const known = parseVersion(violations, version)
  refuseViolations(violations)
  return { input, version: known }
}

function parseConfig(violations: Violations, value: unknown): FilterConfig {
  const config = recordField(violations, 'config', value)
  if (config !== value) return NO_CONFIG
  refuseUnknown(violations, config, CONFIG_MEMBERS, 'config.')
  return {
    content_categories: choicesField(
      violations,
      'config.content_categories',
      config['content_categories'],
      CATEGORIES,
    ),
    block_action: choiceField(violations, 'config.block_action', config['block_action'], BLOCK_ACTIONS),
    thresholds: parseThresholds(violations, config['thresholds']),
    false_positive_tolerance: shareField(
      violations,
      'config.false_positive_tolerance',
      config['false_positive_tolerance'],
    ),
  }
}

function parseThresholds(violations: Violations, value: unknown): Readonly<Record<string, number>> {
  const name = 'config.thresholds'
  const record = recordField(violations, name, value)
  if (record !== value) return {}
  const thresholds = Object.entries(record)
  if (thresholds.length < 1 || thresholds.length > 10) {
    addInvalid(violations, name, value, 'it must have 1 to 10 members.')
  }
  for (const [signal] of thresholds) {
    if (SNAKE_CASE.test(signal)) continue
    addInvalid(violations, `${name}.${signal}`, signal, 'the name of a signal is snake_case.')
  }
  return Object.fromEntries(
    thresholds.map(([signal, share]) => [signal, shareField(violations, `${name}.${signal}`, share)]),
  )
}
