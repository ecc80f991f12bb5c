import { asRecord } from '../../ledger/entry/as-record.ts'
import { isOneOf } from '../../ledger/entry/is-one-of.ts'
import { isRfc3339Utc } from '../../ledger/entry/seal-entry.ts'
import { MIN_RATE } from '../../ledger/metrics/sampling-plan.ts'
import { ACTIONS_TAKEN } from '../../ledger/metrics/words.ts'
import { CATEGORIES } from '../filter/filter-spec.ts'
import { CONTENT_REF, DIRECTIONS, LANGUAGE_TAG, REQUEST_ID } from './block-input.ts'
import type { BlockFacts } from './block-input.ts'

const INPUTS: Readonly<Record<keyof BlockFacts, true>> = {
  actionTaken: true,
  category: true,
  channel: true,
  contentRef: true,
  conversationId: true,
  direction: true,
  filterId: true,
  filterName: true,
  filterVersion: true,
  language: true,
  occurredAt: true,
  queueId: true,
  requestId: true,
  sampleRate: true,
  score: true,
  threshold: true,
}

/**
 * Takes at once what `parseBlock` would take, and gives the same; in a batch class-validator would be most of the
 * work. Whatever it does not take gets undefined, and its refusal, or its acceptance, from `parseBlock`. A test holds
 * the two together.
 */
export function quickBlock(rawInput: unknown): BlockFacts | undefined {
  const input = asRecord(rawInput)
  for (const name of Object.keys(input)) if (!Object.hasOwn(INPUTS, name)) return undefined
  const facts = setFacts(input)
  return isDecision(facts) && hasTexts(facts) ? facts : undefined
}

type Unchecked = { readonly [Name in keyof BlockFacts]: unknown }

/** Written out: members that are added to a copy, as a spread makes it, cost many times what all the checks do. */
function setFacts(input: Readonly<Record<string, unknown>>): Unchecked {
  return {
    actionTaken: setOf(input['actionTaken']),
    category: setOf(input['category']),
    channel: setOf(input['channel']),
    contentRef: setOf(input['contentRef']),
    conversationId: setOf(input['conversationId']),
    direction: setOf(input['direction']),
    filterId: setOf(input['filterId']),
    filterName: setOf(input['filterName']),
    filterVersion: setOf(input['filterVersion']),
    language: setOf(input['language']),
    occurredAt: setOf(input['occurredAt']),
    queueId: setOf(input['queueId']),
    requestId: setOf(input['requestId']),
    sampleRate: setOf(input['sampleRate']),
    score: setOf(input['score']),
    threshold: setOf(input['threshold']),
  }
}

type Texts =
  | 'channel'
  | 'contentRef'
  | 'conversationId'
  | 'filterName'
  | 'language'
  | 'occurredAt'
  | 'queueId'
  | 'requestId'
type Decision = Omit<BlockFacts, Texts>

function isDecision(facts: Unchecked): facts is Unchecked & Decision {
  const { filterId, filterVersion, category, score, threshold, actionTaken, direction, sampleRate } = facts
  return (
    isShort(filterId, 128) &&
    PLAIN.test(filterId) &&
    (filterVersion === undefined || isVersion(filterVersion)) &&
    isOneOf(CATEGORIES, category) &&
    isOneOf(ACTIONS_TAKEN, actionTaken) &&
    isOneOf(DIRECTIONS, direction) &&
    isShare(score) &&
    isShare(threshold) &&
    (sampleRate === undefined || (isShare(sampleRate) && sampleRate >= MIN_RATE))
  )
}

function hasTexts<T extends Unchecked>(facts: T): facts is T & Pick<BlockFacts, Texts> {
  const { filterName, channel, queueId, conversationId, language, contentRef, requestId, occurredAt } = facts
  return (
    (filterName === undefined || isShort(filterName, 128)) &&
    (channel === undefined || isShort(channel, 64)) &&
    (queueId === undefined || isShort(queueId, 128)) &&
    (conversationId === undefined || isShort(conversationId, 128)) &&
    (language === undefined || fits(LANGUAGE_TAG, language)) &&
    (contentRef === undefined || fits(CONTENT_REF, contentRef)) &&
    (requestId === undefined || fits(REQUEST_ID, requestId)) &&
    (occurredAt === undefined || isTime(occurredAt))
  )
}

/** As `dropUnset` takes it away. */
function setOf(value: unknown): unknown {
  return value === null || value === '' || value === 'NOT_SET' ? undefined : value
}

/** Of printable ASCII alone: there is one way to count its characters. */
const PLAIN = /^[\x20-\x7e]+$/

/** What has few code units has few characters, by whatever count. */
function isShort(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most && value.isWellFormed()
}

function fits(pattern: RegExp, value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value)
}

/** class-validator has its own mind on years before 1000. */
function isTime(value: unknown): value is string {
  return typeof value === 'string' && !value.startsWith('0') && isRfc3339Utc(value)
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1
}
