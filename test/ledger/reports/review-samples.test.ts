import { createHash } from 'node:crypto'
import { draft, openTempLedger, removeTempFolders } from '../../support/temp-ledger.ts'
import { append, blockDraft, reportOf, reviewDraft } from './report-ledger.ts'

afterAll(removeTempFolders)

const pseudonym = (id: string): string =>
  createHash('sha256').update('reviewer').update(Buffer.of(0)).update(id).digest('hex').slice(0, 16)

/** As the page tells it to auditors. */
const drawOf = (seed: string, id: string): number =>
  createHash('sha256').update(seed).update(Buffer.of(0)).update(id).digest().readUIntBE(0, 6) / 2 ** 48

const plan = (seed: string, rate: number, secondRate = 1) =>
  draft({
    type: 'sampling.planned',
    entity: { type: 'ledger' },
    action: 'plan',
    data: { seed, rate, strata: [], secondRate },
  })

describe('review-samples', () => {
  test('has a row a decision of the sample, from the draw to the settled disagreement', async () => {
    const ledger = await openTempLedger()
    await append(ledger, plan('s-1', 1))
    const block = await append(ledger, blockDraft({ sampleRate: 0.5 }))
    await append(ledger, blockDraft({ actionTaken: 'error_blocked' }))
    const waiting = await append(ledger, blockDraft({ category: 'sexual', score: 0.31 }))
    const first = { verdict: 'true_positive', reviewerId: 'anna', blind: true, rationaleCode: 'old' }
    await append(ledger, reviewDraft(block.id, first))
    const second = { verdict: 'false_positive', reviewerId: 'ben', role: 'second', blind: true }
    await append(ledger, reviewDraft(block.id, second))
    const settled = { verdict: 'false_positive', reviewerId: '=carl', role: 'adjudication' }
    await append(
      ledger,
      reviewDraft(block.id, { ...settled, rationaleCode: 'quoted-policy', guidelineVersion: 'g-3' }),
    )
    const { records, rows, firstSeq, lastSeq } = await reportOf(ledger, 'review-samples')
    expect({ rows, firstSeq, lastSeq }).toEqual({ rows: 2, firstSeq: 1, lastSeq: 3 })
    expect(records[0]).toEqual({
      sample_id: 'plan0:1',
      decision_id: block.id,
      stratum: 'pii/0.9-1.0',
      inclusion_probability: '0.5',
      drawn_at: block.recordedAt,
      seed: 's-1',
      reviewer_id_pseudonym: pseudonym('anna'),
      reviewed_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      label: 'violation',
      second_label: 'not_a_violation',
      agreed: 'false',
      adjudicated_by: pseudonym('=carl'),
      rationale_code: 'quoted-policy',
      guideline_version: 'g-3',
      final_label: 'not_a_violation',
      seq: '1',
      leaf_hash: block.leafHash,
    })
    const unreviewed = { reviewer_id_pseudonym: '', reviewed_at: '', label: '', agreed: '', final_label: '' }
    expect(records[1]).toMatchObject({
      decision_id: waiting.id,
      stratum: 'sexual/0.3-0.4',
      ...unreviewed,
      adjudicated_by: '',
      inclusion_probability: '1',
    })
    await ledger.close()
  })

  test('who has the entries can draw the same sample again, plan by plan', async () => {
    const ledger = await openTempLedger()
    const draws: string[] = []
    const blocks = async (seed: string, rate: number): Promise<void> => {
      for (let i = 0; i < 60; i++) {
        const { id } = await append(ledger, blockDraft())
        if (drawOf(seed, id) < rate) draws.push(`${id} ${seed} ${rate}`)
      }
    }
    await blocks('', 1)
    await append(ledger, plan('s-1', 0.3))
    await blocks('s-1', 0.3)
    await append(ledger, plan('s-2', 0.5))
    await blocks('s-2', 0.5)
    const { records } = await reportOf(ledger, 'review-samples')
    expect(
      records.map(({ decision_id, seed, inclusion_probability }) =>
        [decision_id, seed, inclusion_probability].join(' '),
      ),
    ).toEqual(draws)
    expect(draws.length).toBeLessThan(180)
    expect(new Set(records.map(({ sample_id }) => sample_id?.split(':')[0]))).toEqual(
      new Set(['default', 'plan60', 'plan121']),
    )
    await ledger.close()
  })
})
