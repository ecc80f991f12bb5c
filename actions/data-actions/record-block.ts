import { createHmac, createSecretKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Append, JsonObject } from '../../ledger/entry/entry.ts'
import type { FilterRecords } from '../../ledger/projections/filter-records.ts'
import type { ActionContract } from '../contract/action-contract.ts'
import { callerOf } from './action.ts'
import type { ActionContext, DataAction } from './action.ts'
import { parseBlock, RecordBlockInput } from './block-input.ts'
import type { BlockFacts } from './block-input.ts'
import { filterWarning } from './filter-warning.ts'
import { quickBlock } from './quick-block.ts'
import { invalidInput, RECORD_REFUSALS, RECORD_STATUSES } from './record-entry.ts'
import type { RecordRequest } from './record-entry.ts'
import { CLOCK_REFUSALS, clockRefusal, FACT_OUTPUT, factAction } from './record-fact.ts'
import type { FactReader } from './record-fact.ts'

export interface RecordBlockDeps {
  readonly append: Append
  /** Turns conversation ids into references that nobody can turn back without it. */
  readonly referenceKey: Uint8Array
  /** What the ledger knows of filters: for warnings alone. */
  readonly filters: Pick<FilterRecords, 'get'>
  readonly now: () => Date
}

/** Record Filter Block: one decision of a filter. The conversation's id is never stored as it is. */
export function recordBlockAction(deps: RecordBlockDeps): DataAction {
  return factAction(deps.append, blockReader(deps))
}

/** Reads what `record-block` is given, one decision at a time. */
export function blockReader({ referenceKey, filters, now }: Omit<RecordBlockDeps, 'append'>): FactReader {
  const key = createSecretKey(referenceKey)
  return (rawInput, context) => {
    const quick = quickBlock(rawInput)
    const parsed = quick ? ({ ok: true, value: quick } as const) : parseBlock(rawInput)
    if (!parsed.ok) return { ok: false, refusal: invalidInput(parsed.violations) }
    const { filterId, occurredAt } = parsed.value
    const at = now()
    const refusal = occurredAt === undefined ? undefined : clockRefusal('occurredAt', occurredAt, at)
    if (refusal) return { ok: false, refusal }
    return {
      ok: true,
      request: blockRequest(parsed.value, key, context),
      warning: filterWarning(filters, filterId, occurredAt ?? at.toISOString()),
    }
  }
}

function blockRequest(facts: BlockFacts, key: KeyObject, context: ActionContext): RecordRequest {
  const { requestId, occurredAt, filterId, filterName } = facts
  const data = dataOf(facts, key)
  return {
    action: 'record-block',
    requestId,
    input: { occurredAt, ...data },
    entry: {
      type: 'block.recorded',
      entity: { type: 'filter', id: filterId, ...(filterName !== undefined && { name: filterName }) },
      action: 'record-block',
      status: 'SUCCESS',
      data,
      ...(occurredAt !== undefined && { occurredAt }),
      ...callerOf(context),
    },
  }
}

/** What the entry holds. Written out, in canonical order: see `quickBlock`. */
function dataOf(facts: BlockFacts, key: KeyObject): JsonObject {
  const { conversationId } = facts
  return {
    actionTaken: facts.actionTaken,
    category: facts.category,
    channel: facts.channel,
    contentRef: facts.contentRef,
    conversationRef: conversationId === undefined ? undefined : reference(key, conversationId),
    direction: facts.direction,
    filterId: facts.filterId,
    filterName: facts.filterName,
    filterVersion: facts.filterVersion,
    language: facts.language,
    queueId: facts.queueId,
    sampleRate: facts.sampleRate,
    score: facts.score,
    threshold: facts.threshold,
  }
}

/** HMAC-SHA-256, hex: the same conversation has the same reference, and nobody can guess ids against it. */
function reference(key: KeyObject, id: string): string {
  return createHmac('sha256', key).update(id).digest('hex')
}

export const recordBlockContract: ActionContract = {
  input: RecordBlockInput,
  takesMany: true,
  output: FACT_OUTPUT,
  statuses: RECORD_STATUSES,
  refusals: { ...RECORD_REFUSALS, ...CLOCK_REFUSALS },
}
