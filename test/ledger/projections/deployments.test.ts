import type { Entry, EntryType, JsonObject } from '../../../ledger/entry/entry.ts'
import { deploymentJournal } from '../../../ledger/projections/deployments.ts'
import type { Deployments } from '../../../ledger/projections/deployments.ts'
import { draft } from '../../support/temp-ledger.ts'

function entry(type: EntryType, id: string, data: JsonObject, name = 'guard'): Entry {
  const at = '2026-01-31T12:00:00.000Z'
  const base = draft({ type, entity: { type: 'filter', name }, data })
  return { ...base, v: 1, id, recordedAt: at, occurredAt: at, environment: 'test' }
}

function fold(...entries: readonly Entry[]): Deployments {
  const journal = deploymentJournal()
  entries.forEach(journal.apply)
  return journal
}

const requested = entry('deployment.requested', 'e-0', {
  deploymentId: 'd-1',
  requestId: 'r-1',
  requestHash: 'hash',
  filter: { name: 'guard' },
})

describe('the journal of deployments', () => {
  test('knows a deployment that began and did not end', () => {
    const journal = fold(requested)
    expect(journal.open()).toMatchObject([
      {
        deploymentId: 'd-1',
        state: 'open',
        entryId: 'e-0',
        entryIndex: 0,
        intent: { filter: { name: 'guard' } },
      },
    ])
    expect(journal.byRequestId('r-1')).toBe(journal.byId('d-1'))
  })

  test('keeps intent and request when a deployment ends, under the name it got', () => {
    const ended = entry('deployment.registered', 'e-1', { deploymentId: 'd-1', filterId: 'f-1' }, 'guard-v2')
    const journal = fold(requested, ended)
    expect(journal.open()).toEqual([])
    expect(journal.byRequestId('r-1')).toMatchObject({
      state: 'registered',
      requestHash: 'hash',
      filterName: 'guard-v2',
      intent: { filter: { name: 'guard' } },
      outcome: { filterId: 'f-1' },
      entryId: 'e-1',
      entryIndex: 1,
    })
  })

  test('lets the last entry say how a deployment stands', () => {
    const failed = entry('deployment.failed', 'e-1', { deploymentId: 'd-1' })
    const stranded = entry('deployment.stranded', 'e-2', { deploymentId: 'd-1' })
    expect(fold(requested, failed).byId('d-1')?.state).toBe('failed')
    expect(fold(requested, failed, stranded).byId('d-1')?.state).toBe('stranded')
    expect(fold(requested, failed, requested).open()).toHaveLength(1)
  })

  test('lists the oldest open deployment first', () => {
    const second = entry('deployment.requested', 'e-1', { deploymentId: 'd-2' })
    expect(fold(requested, second).open()).toMatchObject([{ deploymentId: 'd-1' }, { deploymentId: 'd-2' }])
  })

  test('passes over entries that tell of no deployment', () => {
    const journal = fold(
      entry('filter.created', 'e-0', { deploymentId: 'd-1' }),
      entry('deployment.requested', 'e-1', {}),
      entry('deployment.requested', 'e-2', { deploymentId: 5 }),
    )
    expect(journal.open()).toEqual([])
    expect(journal.byId('d-1')).toBeUndefined()
    expect(journal.byRequestId('')).toBeUndefined()
  })
})
