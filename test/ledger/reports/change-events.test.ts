import { openTempLedger, draft, removeTempFolders } from '../../support/temp-ledger.ts'
import type { EntryDraft } from '../../../ledger/entry/entry.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { append, blockDraft, filterJson, HOSTILE, reportOf } from './report-ledger.ts'

afterAll(removeTempFolders)

const change = (
  type: EntryDraft['type'],
  data: EntryDraft['data'],
  more: Partial<EntryDraft> = {},
): EntryDraft => draft({ type, entity: { type: 'filter', id: 'f-1', name: 'guard' }, data, ...more })

let ledger: Ledger
beforeEach(async () => {
  ledger = await openTempLedger()
})
afterEach(async () => {
  await ledger.close()
})

describe('change-events', () => {
  test('a deployment is told from its request to the event of the sender, with versions, request and failure', async () => {
    const actor = { type: 'user', id: 'u-1', onBehalfOf: 'u-2' } as const
    const ref = {
      deploymentId: 'd-1',
      requestId: 'req-1',
      reason: 'fewer blocks',
      ticketRef: 'CAB-7',
      planId: 'ab12',
    }
    await append(
      ledger,
      change('filter.created', { filter: filterJson(1), eventId: 'e-1' }, { action: 'create' }),
    )
    const asked = await append(
      ledger,
      change('deployment.requested', ref, {
        actor,
        action: 'update',
        entity: { type: 'filter', id: 'f-1', name: 'guard' },
      }),
    )
    const changes = [{ property: 'config.thresholds.pii', oldValues: ['0.9'], newValues: ['0.8'] }]
    const done = await append(
      ledger,
      change(
        'deployment.registered',
        { ...ref, filterId: 'f-1', change: 'updated', filter: filterJson(2), latencyMs: 41 },
        { actor, action: 'update', propertyChanges: changes, correlationId: 'c-1' },
      ),
    )
    await append(ledger, blockDraft())
    await append(ledger, change('filter.updated', { filter: filterJson(2), eventId: 'e-2' }))
    await append(
      ledger,
      change(
        'deployment.failed',
        { deploymentId: 'd-2', errorClass: 'rate_limited', latencyMs: 9 },
        { action: 'disable', status: 'FAILURE' },
      ),
    )
    await append(ledger, change('filter.deleted', { filter: filterJson(2) }, { action: 'delete' }))
    const { records, rows, firstSeq, lastSeq } = await reportOf(ledger, 'change-events')
    expect({ rows, firstSeq, lastSeq }).toEqual({ rows: 6, firstSeq: 0, lastSeq: 6 })
    const told = records.map(
      ({ seq, entry_type, action, filter_version_before, filter_version_after, result }) => [
        seq,
        entry_type,
        action,
        filter_version_before,
        filter_version_after,
        result,
      ],
    )
    expect(told).toEqual([
      ['0', 'filter.created', 'create', '', '1', 'success'],
      ['1', 'deployment.requested', 'update', '1', '', ''],
      ['2', 'deployment.registered', 'update', '1', '2', 'success'],
      ['4', 'filter.updated', 'update', '1', '2', 'success'],
      ['5', 'deployment.failed', 'disable', '2', '', 'failure'],
      ['6', 'filter.deleted', 'delete', '2', '', 'success'],
    ])
    expect(records[2]).toEqual({
      seq: '2',
      event_id: done.id,
      occurred_at: done.recordedAt,
      recorded_at: done.recordedAt,
      environment: 'test',
      org_id: '',
      actor_type: 'user',
      actor_id: 'u-1',
      actor_display: '',
      action: 'update',
      filter_id: 'f-1',
      filter_name: 'guard',
      filter_version_before: '1',
      filter_version_after: '2',
      property_changes: '[{"property":"config.thresholds.pii","old":["0.9"],"new":["0.8"]}]',
      reason: 'fewer blocks',
      ticket_ref: 'CAB-7',
      requested_by: 'u-2',
      requested_at: asked.recordedAt,
      emergency: '',
      shadow_evidence_id: '',
      plan_hash: 'ab12',
      idempotency_key: 'req-1',
      api_request_id: 'c-1',
      result: 'success',
      error_class: '',
      duration_ms: '41',
      rollback_of_event_id: '',
      leaf_hash: done.leafHash,
      entry_type: 'deployment.registered',
      deployment_id: 'd-1',
    })
    expect(records[4]).toMatchObject({ error_class: 'rate_limited', duration_ms: '9', requested_at: '' })
  })

  test('a forced promotion is an emergency, a revert answers a drift, and a rollback names where it is from', async () => {
    const created = await append(
      ledger,
      change('filter.created', { filter: filterJson(1) }, { action: 'create' }),
    )
    const decided = { filterId: 'f-1', evidenceDigest: 'dd', deploymentId: 'd-3' }
    const forced = { ...decided, breakGlass: true, reason: 'an attack is under way' }
    await append(ledger, change('promotion.decided', forced, { action: 'promote', status: 'WARNING' }))
    await append(ledger, change('promotion.decided', decided, { action: 'promote', status: 'FAILURE' }))
    await append(
      ledger,
      change(
        'drift.detected',
        { filterId: 'f-1', filter: filterJson(5) },
        { action: 'reconcile', status: 'WARNING' },
      ),
    )
    await append(
      ledger,
      change('deployment.registered', { deploymentId: 'd-4', filter: filterJson(6) }, { action: 'revert' }),
    )
    const rollback = { filterId: 'f-1', revision: 1, entryIndexes: [0, 4] }
    await append(
      ledger,
      change(
        'deployment.registered',
        { deploymentId: 'd-5', filter: filterJson(7), rollback },
        { action: 'rollback' },
      ),
    )
    const { records } = await reportOf(ledger, 'change-events')
    expect(
      records.map(
        ({ action, emergency, result, shadow_evidence_id, rollback_of_event_id, filter_version_before }) => [
          action,
          emergency,
          result,
          shadow_evidence_id,
          rollback_of_event_id,
          filter_version_before,
        ],
      ),
    ).toEqual([
      ['create', '', 'success', '', '', ''],
      ['break_glass', 'true', 'success', 'dd', '', '1'],
      ['promote', 'false', 'failure', 'dd', '', '1'],
      ['drift', '', '', '', '', '1'],
      ['drift_revert', '', 'success', '', '', '1'],
      ['rollback', '', 'success', '', created.id, '6'],
    ])
  })

  test('texts of strangers come back as they were, and no cell is a formula', async () => {
    for (const reason of HOSTILE) {
      const entity = { type: 'filter', id: 'f-1', name: reason } as const
      await append(ledger, change('deployment.rejected', { reason }, { entity, status: 'FAILURE' }))
    }
    const { records, text } = await reportOf(ledger, 'change-events')
    expect(records.map(({ reason, filter_name }) => [reason, filter_name])).toEqual(
      HOSTILE.map((each) => [each, each]),
    )
    expect(text.match(/(^|,)"?[=+@\t-]/gm)).toBeNull()
  })

  test('a range, a time and a filter restrict the rows, and not what is known of versions', async () => {
    await append(ledger, change('filter.created', { filter: filterJson(1) }))
    await append(ledger, change('filter.updated', { filter: filterJson(2) }))
    await append(
      ledger,
      change(
        'filter.created',
        { filter: { id: 'f-2', version: 1 } },
        { entity: { type: 'filter', id: 'f-2' } },
      ),
    )
    const seqs = async (parameters: Readonly<Record<string, string>>) =>
      (await reportOf(ledger, 'change-events', parameters)).records.map(({ seq }) => seq)
    expect(await seqs({ from: '1' })).toEqual(['1', '2'])
    expect(await seqs({ from: '1', to: '2' })).toEqual(['1'])
    expect(await seqs({ filter: 'f-2' })).toEqual(['2'])
    expect(await seqs({ filter: 'guard' })).toEqual(['0', '1'])
    expect(await seqs({ until: '2020-01-01' })).toEqual([])
    expect((await reportOf(ledger, 'change-events', { from: '1', to: '2' })).records[0]).toMatchObject({
      filter_version_before: '1',
    })
  })
})
