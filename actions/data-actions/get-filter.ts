import { IsString, Length } from 'class-validator'
import { asRecord } from '../../ledger/entry/as-record.ts'
import type { JsonObject } from '../../ledger/entry/entry.ts'
import { versionOf } from '../../ledger/projections/filter-order.ts'
import type { KnownFilter } from '../../ledger/projections/filter-records.ts'
import type { ActionContract, OutputFields } from '../contract/action-contract.ts'
import { emptyAnswer } from '../contract/empty-answer.ts'
import { Told } from '../contract/told.ts'
import { lastKnown } from '../pipeline/known-state.ts'
import type { KnownState } from '../pipeline/known-state.ts'
import { validateInput } from '../validate.ts'
import type { DataAction } from './action.ts'
import { dropUnset } from './flat-input.ts'
import { inputRefusal } from './input-refusal.ts'
import { knownFilter } from './known-filter.ts'

/** What an action that reads about one filter takes. */
export class NamedFilterInput {
  @Told('The filter: its name or its id', { example: 'pii-guard' })
  @IsString({ message: 'a text is expected' })
  @Length(1, 256, { message: 'the name or the id of a filter is expected' })
  filter!: string
}

interface FilterAnswer {
  readonly status: 'found' | 'unknown' | 'rejected'
  readonly errorCode: string
  readonly message: string
  readonly filterId: string
  readonly filterName: string
  readonly state: 'enabled' | 'disabled' | 'deleted' | 'unknown' | ''
  readonly description: string
  readonly priority: number
  readonly version: number
  readonly contentCategories: string
  readonly blockAction: string
  readonly thresholds: string
  readonly falsePositiveTolerance: number
  readonly owned: boolean
  readonly drifted: boolean
  readonly changedAt: string
  readonly entryIndex: number
  readonly violations: readonly string[]
}

const OUTPUT: OutputFields<FilterAnswer> = {
  status: ['string', 'Whether the ledger knows the filter'],
  errorCode: ['string', 'Stable, for decisions in a flow; empty when all went well'],
  message: ['string', 'For people: what is wrong, and what to do'],
  filterId: ['string', 'Its id'],
  filterName: ['string', 'Its name'],
  state: ['string', 'enabled, disabled, deleted, or unknown (no entry at hand says)'],
  description: ['string', 'What it is for'],
  priority: ['integer', 'Its priority; 0 where not known'],
  version: ['integer', 'Its version as Genesys Cloud counts; 0 where not known'],
  contentCategories: ['string', 'What it looks for, with commas between: as Deploy Safety Filter takes it'],
  blockAction: ['string', 'What it does'],
  thresholds: ['string', 'name=number with commas between: as Deploy Safety Filter takes it'],
  falsePositiveTolerance: ['number', '0 to 1; -1 where not known', -1],
  owned: ['boolean', 'Made or imported through this ledger'],
  drifted: ['boolean', 'The last reconciliation found it otherwise than the ledger has it'],
  changedAt: ['string', 'When the newest word on it is from: RFC 3339, UTC'],
  entryIndex: ['integer', 'The entry with that word; -1 when there is none', -1],
  violations: ['texts', 'Each broken rule as `path: message`'],
}

const NOTHING = emptyAnswer(OUTPUT)

/** Get Filter: how a filter stands by the newest word that the ledger has, ours or Genesys'. Asks nobody else. */
export function getFilterAction(known: KnownState): DataAction {
  return (rawInput) => {
    const parsed = validateInput(NamedFilterInput, dropUnset(rawInput))
    if (!parsed.ok) return answer(inputRefusal(parsed.violations))
    const found = knownFilter(known.records, parsed.value.filter)
    if (found.kind === 'found') return answer({ status: 'found', ...factsOf(found.filter, known) })
    const { errorCode, message } = found
    return answer({ status: 'unknown', errorCode, message })
  }
}

function answer(facts: Partial<FilterAnswer> & Pick<FilterAnswer, 'status'>) {
  return Promise.resolve({ ...NOTHING, ...facts })
}

function factsOf({ filterId, name, owned, deleted, records }: KnownFilter, known: KnownState) {
  const filter: JsonObject = lastKnown(known, filterId) ?? {}
  const config = asRecord(filter['config'])
  const {
    content_categories: categories,
    block_action: blockAction,
    false_positive_tolerance: tolerance,
  } = config
  const newest = records.at(-1)
  return {
    filterId,
    filterName: name,
    state: deleted ? 'deleted' : stateOf(filter['enabled']),
    description: text(filter['description']),
    priority: number(filter['priority'], 0),
    version: versionOf(filter) ?? newest?.version ?? 0,
    contentCategories: Array.isArray(categories) ? categories.map(text).join(',') : '',
    blockAction: text(blockAction),
    thresholds: Object.entries(asRecord(config['thresholds']))
      .map(([key, value]) => `${key}=${number(value, 0)}`)
      .join(','),
    falsePositiveTolerance: number(tolerance, -1),
    owned,
    drifted: known.records.drifts().some((drift) => drift.filterId === filterId),
    changedAt: newest?.occurredAt ?? '',
    entryIndex: newest?.index ?? -1,
  } as const
}

function stateOf(enabled: unknown): FilterAnswer['state'] {
  return typeof enabled === 'boolean' ? (enabled ? 'enabled' : 'disabled') : 'unknown'
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

/** How a filter is named that is only read. */
export const READ_REFUSALS = {
  input_invalid: '`violations` lists every input that is wrong',
  filter_unknown: 'the ledger knows no such filter',
  filter_ambiguous: 'several filters have the name: the message names their ids',
} as const

export const READ_STATUSES = {
  found: 'the ledger knows it',
  unknown: 'the ledger knows no such filter, or several of the name',
  rejected: 'an input is wrong; `violations` says which',
} as const

export const getFilterContract: ActionContract = {
  input: NamedFilterInput,
  output: OUTPUT,
  statuses: READ_STATUSES,
  refusals: READ_REFUSALS,
}
