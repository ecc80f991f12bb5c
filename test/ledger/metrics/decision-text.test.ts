import fc from 'fast-check'
import { canonicalJson } from '../../../ledger/entry/canonical-json.ts'
import type { Entry, JsonObject } from '../../../ledger/entry/entry.ts'
import { decisionOfText } from '../../../ledger/metrics/decision-text.ts'
import { draft } from '../../support/temp-ledger.ts'

const textOf = (changes: Partial<Entry>): string =>
  canonicalJson({
    ...draft({ type: 'block.recorded' }),
    v: 1,
    id: '019b3e7c-52c7-7d1e-8f2a-3b4c5d6e7f80',
    recordedAt: '2026-01-01T00:00:00.000Z',
    occurredAt: '2026-01-01T00:00:00Z',
    environment: 'test',
    ...changes,
  } as unknown as JsonObject)

/** What might be taken for the borders of the parts. */
const hostile = fc.constantFrom(
  '},"entity":',
  '","id":"019b3e7c-0000-7000-8000-000000000000","occurredAt":"x"',
  ',"data":{',
  '"type":"block.recorded","v":1}',
  '\\',
  '"',
)
const text = fc.oneof(hostile, fc.string())
const value = fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean())

describe('the parts of a decision, cut out of its text', () => {
  test('are those that parsing finds, or none are', () => {
    const data = fc.dictionary(text, fc.oneof(value, fc.dictionary(text, value, { maxKeys: 3 })), {
      maxKeys: 6,
    })
    const name = fc.option(text, { nil: undefined })
    fc.assert(
      fc.property(data, text, name, text, (inner, id, onBehalfOf, correlationId) => {
        const entry = textOf({
          data: inner,
          actor: { type: 'client', id, ...(onBehalfOf !== undefined && { onBehalfOf }) },
          entity: { type: 'filter', id, name: id },
          correlationId,
          evidence: { id, list: [{ id }] },
          propertyChanges: [{ property: id, oldValues: [id], newValues: [id] }],
        })
        const found = decisionOfText(entry)
        const { id: whole, occurredAt, data: parsed } = JSON.parse(entry) as Entry
        if (found) expect(found).toEqual({ id: whole, occurredAt, data: parsed })
      }),
      { numRuns: 2000 },
    )
  })

  test('are found in a decision as it is recorded', () => {
    const data = { filterId: 'f', category: 'pii', actionTaken: 'blocked', score: 0.9, conversationRef: 'ab' }
    expect(decisionOfText(textOf({ data }))).toEqual({
      id: '019b3e7c-52c7-7d1e-8f2a-3b4c5d6e7f80',
      occurredAt: '2026-01-01T00:00:00Z',
      data,
    })
  })

  test('of any other entry are none', () => {
    expect(decisionOfText(textOf({ type: 'block.reviewed' }))).toBeUndefined()
    expect(decisionOfText('{}')).toBeUndefined()
  })
})
