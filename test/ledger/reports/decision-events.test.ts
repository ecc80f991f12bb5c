import { draft, openTempLedger, removeTempFolders } from '../../support/temp-ledger.ts'
import { append, blockDraft, filterJson, HOSTILE, reportOf } from './report-ledger.ts'

afterAll(removeTempFolders)

describe('decision-events', () => {
  test('has a row a decision, with what the version was configured to do where that was told', async () => {
    const ledger = await openTempLedger()
    await append(ledger, draft({ type: 'filter.created', data: { filter: filterJson(1, 'flag_and_pass') } }))
    await append(ledger, draft({ type: 'filter.updated', data: { filter: filterJson(2, 'redact_and_log') } }))
    const facts = {
      channel: 'webmessaging',
      queueId: 'q-1',
      language: 'en-US',
      conversationRef: 'ab'.repeat(32),
    }
    const first = await append(
      ledger,
      blockDraft(
        { ...facts, contentRef: 's3://vault/1', sampleRate: 0.25 },
        { occurredAt: '2026-01-31T12:00:00.000Z', organizationId: 'org-1' },
      ),
    )
    await append(ledger, blockDraft({ filterVersion: 1, actionTaken: 'passed' }))
    await append(ledger, blockDraft({ filterVersion: 3, actionTaken: 'error_blocked' }))
    await append(ledger, blockDraft({ filterVersion: undefined }))
    const { records, rows, firstSeq, lastSeq } = await reportOf(ledger, 'decision-events')
    expect({ rows, firstSeq, lastSeq }).toEqual({ rows: 4, firstSeq: 2, lastSeq: 5 })
    expect(records[0]).toEqual({
      seq: '2',
      decision_id: first.id,
      occurred_at: '2026-01-31T12:00:00.000Z',
      received_at: first.recordedAt,
      environment: 'test',
      org_id: 'org-1',
      filter_id: 'f-1',
      filter_version: '2',
      category: 'pii',
      score: '0.95',
      threshold: '0.9',
      action_configured: 'redact_and_log',
      action_taken: 'blocked',
      direction: 'output',
      channel: 'webmessaging',
      queue_id: 'q-1',
      language: 'en-US',
      conversation_ref_hmac: 'ab'.repeat(32),
      content_stored: 'false',
      leaf_hash: first.leafHash,
      content_ref: 's3://vault/1',
      sample_rate: '0.25',
    })
    expect(
      records.map(({ filter_version, action_configured, action_taken }) => [
        filter_version,
        action_configured,
        action_taken,
      ]),
    ).toEqual([
      ['2', 'redact_and_log', 'blocked'],
      ['1', 'flag_and_pass', 'passed'],
      ['3', '', 'error_blocked'],
      ['', '', 'blocked'],
    ])
    await ledger.close()
  })

  test('an entry that only quotes the type is no row, and texts of strangers come back', async () => {
    const ledger = await openTempLedger()
    await append(ledger, draft({ data: { quoted: { type: 'block.recorded' } } }))
    for (const channel of HOSTILE) await append(ledger, blockDraft({ channel }))
    const { records } = await reportOf(ledger, 'decision-events')
    expect(records.map(({ channel }) => channel)).toEqual([...HOSTILE])
    await ledger.close()
  })
})
