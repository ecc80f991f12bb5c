import { IsIn, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator'
import { asRecord } from '../../ledger/entry/as-record.ts'
import type { EntryType, JsonObject } from '../../ledger/entry/entry.ts'
import { isRfc3339Utc } from '../../ledger/entry/seal-entry.ts'
import { Told } from '../contract/told.ts'
import { validateInput } from '../validate.ts'
import type { Parsed, Violation } from '../violation.ts'
import { parseJsonText } from './json-text.ts'

/** The sender's names of events, and the entry type that each becomes; as for webhooks. */
export type EventTypes = Readonly<Record<string, EntryType>>

const ACTOR_TYPES = ['user', 'client', 'system'] as const
const REFERENCE = /^[\x21-\x7e]{1,128}$/
const printable = { message: '1 to 128 printable ASCII characters are expected' }

export class RecordFilterEventInput {
  @Told('The id of the event itself: one id is recorded once', { example: 'evt-0001' })
  @Matches(REFERENCE, printable)
  eventId!: string

  @Told('created, updated or deleted, or the full name of the event', { example: 'updated' })
  @IsString({ message: 'a text is expected' })
  eventType!: string

  @Told('The filter that it happened to', { example: '5b0e6a34-2d4e-4a6f-9d3e-6f1c2b7a8d90' })
  @IsString({ message: 'a text is expected' })
  @Length(1, 128, { message: '1 to 128 characters are expected' })
  filterId!: string

  @Told('Its name after the event')
  @IsOptional()
  @IsString({ message: 'a text is expected' })
  @Length(1, 128, { message: '1 to 128 characters are expected' })
  filterName?: string

  @Told('When it happened: RFC 3339, UTC; else when it arrived')
  @IsOptional()
  @IsString({ message: 'an RFC 3339 time in UTC is expected' })
  occurredAt?: string

  @Told('The version of the filter after the event')
  @IsOptional()
  @IsInt({ message: 'a whole number is expected' })
  @Min(0, { message: 'must be at least 0' })
  @Max(Number.MAX_SAFE_INTEGER, { message: `must be at most ${Number.MAX_SAFE_INTEGER}` })
  version?: number

  @Told('The organization; else the header inin-organization-id')
  @IsOptional()
  @Matches(REFERENCE, printable)
  organizationId?: string

  @Told('The correlation id; else the header inin-correlation-id')
  @IsOptional()
  @Matches(REFERENCE, printable)
  correlationId?: string

  @Told('What kind of actor did it', { example: 'user' })
  @IsOptional()
  @IsIn(ACTOR_TYPES, { message: `must be one of ${ACTOR_TYPES.join(', ')}` })
  actorType?: (typeof ACTOR_TYPES)[number]

  @Told('Who did it: an id, never a name')
  @IsOptional()
  @Matches(REFERENCE, printable)
  actorId?: string

  @Told('The filter after the event (before it, for deleted): a JSON object as text')
  @IsOptional()
  @IsString({ message: 'the text of a JSON object is expected' })
  filter?: string

  @Told('The filter before the event: a JSON object as text')
  @IsOptional()
  @IsString({ message: 'the text of a JSON object is expected' })
  previous?: string
}

/** An event of a filter as flat inputs tell it, checked. */
export interface FilterEventInput {
  readonly facts: Readonly<Omit<RecordFilterEventInput, 'filter' | 'previous'>>
  readonly type: EntryType
  /** The sender's full name of the event. */
  readonly eventType: string
  /** As given in JSON. */
  readonly filter: JsonObject | undefined
  readonly previous: JsonObject | undefined
  /** What a repeated event is compared by. */
  readonly canonical: JsonObject
}

/** Reads the inputs of record-filter-event, or tells everything that is wrong with them. */
export function readFilterEvent(input: unknown, eventTypes: EventTypes): Parsed<FilterEventInput> {
  const flat = validateInput(RecordFilterEventInput, input)
  const inputs = asRecord(input)
  const named = nameOf(inputs['eventType'], eventTypes)
  const filter = jsonOf('filter', inputs)
  const previous = jsonOf('previous', inputs)
  const broken = [flat, named, filter, previous].flatMap((part) => (part.ok ? [] : part.violations))
  const violations = [...broken, ...contradictions(inputs, valueOf(filter), valueOf(previous))]
  if (violations.length > 0 || !flat.ok || !named.ok || !filter.ok || !previous.ok)
    return { ok: false, violations }
  const given = { filter: filter.value, previous: previous.value }
  const { eventId, ...told } = flat.value
  const { eventType } = named.value
  return {
    ok: true,
    value: {
      facts: flat.value,
      ...named.value,
      ...given,
      canonical: { eventId, ...told, eventType, ...given },
    },
  }
}

/** `updated` or the sender's full name of it. */
function nameOf(text: unknown, eventTypes: EventTypes): Parsed<Pick<FilterEventInput, 'type' | 'eventType'>> {
  // What is no text at all is refused by its own rule.
  if (typeof text !== 'string') return { ok: false, violations: [] }
  const known = Object.entries(eventTypes)
  const found = known.find(([name, type]) => text === name || `filter.${text}` === type)
  if (found) return { ok: true, value: { eventType: found[0], type: found[1] } }
  const names = known.flatMap(([name, type]) => [type.replace('filter.', ''), name])
  return { ok: false, violations: [violation('eventType', 'isIn', `must be one of ${names.join(', ')}`)] }
}

function jsonOf(
  field: 'filter' | 'previous',
  given: Readonly<Record<string, unknown>>,
): Parsed<JsonObject | undefined> {
  const text = given[field]
  return typeof text === 'string' ? parseJsonText(field, text) : { ok: true, value: undefined }
}

/** The flat inputs that say otherwise than the JSON beside them, and a time that is none. */
function contradictions(
  given: Readonly<Record<string, unknown>>,
  filter: JsonObject | undefined,
  previous: JsonObject | undefined,
): readonly Violation[] {
  const { occurredAt } = given
  const pairs = [
    ['filterId', 'filter.id', filter?.['id']],
    ['filterName', 'filter.name', filter?.['name']],
    ['version', 'filter.version', filter?.['version']],
    ['filterId', 'previous.id', previous?.['id']],
  ] as const
  const differing = pairs.filter(
    ([input, , other]) => given[input] !== undefined && other !== undefined && given[input] !== other,
  )
  return [
    ...differing.map(([input, path]) => violation(path, 'differs', `is not the ${input} beside it`)),
    ...(typeof occurredAt === 'string' && !isRfc3339Utc(occurredAt)
      ? [violation('occurredAt', 'rfc3339', 'an RFC 3339 time in UTC is expected')]
      : []),
    ...(given['previous'] !== undefined && given['filter'] === undefined
      ? [violation('previous', 'needsFilter', 'says nothing without filter')]
      : []),
  ]
}

function valueOf<T>(parsed: Parsed<T>): T | undefined {
  return parsed.ok ? parsed.value : undefined
}

function violation(path: string, code: string, message: string): Violation {
  return { path, code, message }
}
