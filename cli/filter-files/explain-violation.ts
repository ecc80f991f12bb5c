import type { Violation } from '../../actions/violation.ts'
import { BLOCK_ACTIONS, CATEGORIES, THRESHOLD_KEYS } from '../../actions/filter/filter-spec.ts'
import { didYouMean, nearestWord } from '../nearest-word.ts'
import type { Fault } from './place.ts'
import { follow } from './source-node.ts'
import type { Found, SourceNode } from './source-node.ts'

/** The keys that may stand in each map of a filter. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': ['name', 'description', 'filter_type', 'enabled', 'priority', 'config'],
  config: ['content_categories', 'block_action', 'thresholds', 'false_positive_tolerance'],
  'config.thresholds': THRESHOLD_KEYS,
}

/** The texts that a value may be, by its path. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  filter_type: ['safety'],
  priority: ['auto'],
  'config.block_action': BLOCK_ACTIONS,
}

const CATEGORY_LIST = 'config.content_categories'

/**
 * What breaks the rules of a filter, each at its place in the file: the value, the key where the key is wrong, the
 * map where something is missing in it; with what to do, where the value shows what was meant. What the text has wrong
 * at the same place is known already, and not told again.
 */
export function explainViolations(
  filter: SourceNode,
  violations: readonly Violation[],
  knownAt: ReadonlySet<number>,
): readonly Fault[] {
  const told = new Set<string>()
  const isKnown = ({ nameAt, node }: Found): boolean => knownAt.has(nameAt ?? -1) || knownAt.has(node.at)
  return violations.flatMap((violation) => {
    const found = follow(filter, violation.path)
    if (found.isWhole && isKnown(found)) return []
    if (violation.path === CATEGORY_LIST && found.isWhole) {
      const faults = categoryFaults(violation, found.node)
      if (faults.length > 0) return faults
    }
    if (!found.isWhole) {
      // Of what is not there, one word is enough.
      if (told.has(violation.path)) return []
      told.add(violation.path)
      return [{ at: found.node.at, message: `${violation.path} is missing: ${violation.message}` }]
    }
    const isKey = violation.code === 'whitelistValidation' || violation.code === 'thresholdKey'
    const at = isKey ? (found.nameAt ?? found.node.at) : found.node.at
    return [{ at, message: isKey ? keyMessage(violation) : valueMessage(violation, found) }]
  })
}

/** The rules are on the whole list: in a file each item has a place of its own. Items beyond the limit add nothing. */
function categoryFaults({ code, message }: Violation, list: SourceNode): readonly Fault[] {
  if (list.kind !== 'list') return []
  const items = list.items.slice(0, 2 * CATEGORIES.length)
  const values = items.map((item) => (item.kind === 'scalar' ? item.value : undefined))
  return items.flatMap(({ at }, i) => {
    const value = values[i]
    const isWrong =
      (code === 'isIn' && !CATEGORIES.some((category) => category === value)) ||
      (code === 'arrayUnique' && values.indexOf(value) < i)
    const advice = typeof value === 'string' && code === 'isIn' ? didYouMean(value, CATEGORIES) : ''
    return isWrong ? [{ at, message: `${CATEGORY_LIST}.${i}: ${message}${advice}` }] : []
  })
}

function keyMessage({ path, code, message }: Violation): string {
  const parent = Object.keys(KEYS).findLast((each) => each === '' || path.startsWith(`${each}.`)) ?? ''
  const key = parent === '' ? path : path.slice(parent.length + 1)
  const near = nearestWord(key, KEYS[parent] ?? [])
  if (near !== undefined) {
    const what = code === 'thresholdKey' ? 'there is no such threshold' : message
    return `${path}: ${what}: did you mean ${near}?`
  }
  const [elsewhere] = Object.entries(KEYS).flatMap(([place, keys]) => {
    const meant = place === parent ? undefined : nearestWord(key, keys)
    return meant === undefined ? [] : [place === '' ? `${meant}, beside config` : `${place}.${meant}`]
  })
  return `${path}: ${message}${elsewhere === undefined ? '' : `: did you mean ${elsewhere}?`}`
}

function valueMessage({ path, message }: Violation, { node }: Found): string {
  if (path === '') return 'a filter is expected: a map with name and config'
  return `${path}: ${message}${adviceFor(path, node)}`
}

function adviceFor(path: string, node: SourceNode): string {
  if (node.kind !== 'scalar') return ''
  const { value } = node
  if (value === null) return ': nothing stands here; give a value, or take the key out'
  if (typeof value !== 'string') return ''
  if (path === 'enabled')
    return `: write true or false${/^(yes|no|on|off|y|n)$/i.test(value) ? `; in YAML 1.2 ${value} is a text` : ' without quotes'}`
  const choices = CHOICES[path] ?? []
  const near = didYouMean(value, choices)
  if (near !== '') return near
  if (/^\s*[-+]?(\d+\.?\d*|\.\d+)\s*$/.test(value) && isNumberPath(path)) return ': take the quotes away'
  const [, percent] = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(value) ?? []
  if (percent !== undefined && isNumberPath(path)) return `: write ${Number(percent) / 100}`
  if (/^\s*\d*,\d+\s*$/.test(value) && isNumberPath(path)) return ': write a point, not a comma'
  return ''
}

function isNumberPath(path: string): boolean {
  return (
    path === 'priority' || path === 'config.false_positive_tolerance' || path.startsWith('config.thresholds.')
  )
}
