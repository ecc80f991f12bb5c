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
  const { category, score, threshold, actionTaken, direction } = input
  if (!isOneOf(CATEGORIES, category) || !isOneOf(ACTIONS_TAKEN, actionTaken)) return undefined
  if (!isOneOf(DIRECTIONS, direction) || !isShare(score) || !isShare(threshold)) return undefined
  const filterId = setOf(input['filterId'])
  if (!isShort(filterId, 128) || !PLAIN.test(filterId)) return undefined
  const filterVersion = setOf(input['filterVersion'])
  if (filterVersion !== undefined && !isVersion(filterVersion)) return undefined
  const sampleRate = setOf(input['sampleRate'])
  if (sampleRate !== undefined && (!isShare(sampleRate) || sampleRate < MIN_RATE)) return undefined
  const texts = textsOf(input)
  return (
    texts && {
      ...texts,
      filterId,
      filterVersion,
      category,
      score,
      threshold,
      actionTaken,
      direction,
      sampleRate,
    }
  )
}

type Texts = Pick<
  BlockFacts,
  | 'filterName'
  | 'channel'
  | 'queueId'
  | 'language'
  | 'conversationId'
  | 'contentRef'
  | 'requestId'
  | 'occurredAt'
>

function textsOf(input: Readonly<Record<string, unknown>>): Texts | undefined {
  const filterName = setOf(input['filterName'])
  if (filterName !== undefined && !isShort(filterName, 128)) return undefined
  const channel = setOf(input['channel'])
  if (channel !== undefined && !isShort(channel, 64)) return undefined
  const queueId = setOf(input['queueId'])
  if (queueId !== undefined && !isShort(queueId, 128)) return undefined
  const conversationId = setOf(input['conversationId'])
  if (conversationId !== undefined && !isShort(conversationId, 128)) return undefined
  const language = setOf(input['language'])
  if (language !== undefined && !fits(LANGUAGE_TAG, language)) return undefined
  const contentRef = setOf(input['contentRef'])
  if (contentRef !== undefined && !fits(CONTENT_REF, contentRef)) return undefined
  const requestId = setOf(input['requestId'])
  if (requestId !== undefined && !fits(REQUEST_ID, requestId)) return undefined
  const occurredAt = setOf(input['occurredAt'])
  if (occurredAt !== undefined && !isTime(occurredAt)) return undefined
  return { filterName, channel, queueId, conversationId, language, contentRef, requestId, occurredAt }
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
