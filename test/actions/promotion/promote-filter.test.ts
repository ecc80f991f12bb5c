import { pipelineOperations } from '../../../actions/pipeline/operations.ts'
import { promoteFilter } from '../../../actions/promotion/promote-filter.ts'
import type { PromotionOutcome, PromotionRequest } from '../../../actions/promotion/promote-filter.ts'
import { member } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders, verifyFile } from '../../support/temp-ledger.ts'
import { openHouse } from '../pipeline/pipeline-house.ts'
import type { House } from '../pipeline/pipeline-house.ts'

const actor = { type: 'user', id: 'an-owner' } as const
let house: House

beforeEach(async () => {
  house = await openHouse()
})
afterEach(async () => {
  expect(house.deps.journal.open()).toEqual([])
  await house.close()
  expect(await verifyFile(house.file)).toMatchObject({ ok: true })
})
afterAll(removeTempFolders)

async function deployShadow(tolerance = 0.1): Promise<string> {
  const outcome = await house.pipeline.deploy({
    actor,
    payload: {
      name: 'pii guard',
      config: {
        content_categories: ['pii'],
        block_action: 'flag_and_pass',
        thresholds: { pii: 0.9 },
        false_positive_tolerance: tolerance,
      },
    },
  })
  return outcome.filterId
}

/** What the record-block and report-verdict actions leave: one flagged item, and what a reviewer said of it. */
async function review(filterId: string, verdict: string, version = 1): Promise<void> {
  const { id } = await house.deps.append({
    entry: {
      type: 'block.recorded',
      actor,
      entity: { type: 'filter', id: filterId },
      action: 'block',
      status: 'SUCCESS',
      data: { filterId, filterVersion: version, category: 'pii', score: 0.95, actionTaken: 'flagged' },
    },
  })
  await house.deps.append({
    entry: {
      type: 'block.reviewed',
      actor,
      entity: { type: 'block', id },
      action: 'review',
      status: 'SUCCESS',
      data: { blockId: id, verdict },
    },
  })
}

async function reviews(filterId: string, count: number, verdict = 'true_positive'): Promise<void> {
  for (let i = 0; i < count; i++) await review(filterId, verdict)
}

function promote(changes: Partial<PromotionRequest> = {}, reason?: string): Promise<PromotionOutcome> {
  const request = { filter: 'pii guard', to: 'block_and_log', breakGlass: false, ...changes } as const
  return promoteFilter(house.deps, house.pipeline, request, {
    actor,
    ...(reason !== undefined && { reason }),
  })
}

async function liveAction(): Promise<unknown> {
  const { filters } = await house.world()
  return member(member(filters[0], 'config'), 'block_action')
}

const receipts = () => house.entries().filter(({ type }) => type === 'promotion.decided')

describe('promoting on evidence', () => {
  test('one review short is refused, says how many are missing, and changes nothing; the last one grants', async () => {
    const filterId = await deployShadow()
    await reviews(filterId, 34)
    const refused = await promote()
    expect(refused).toMatchObject({
      status: 'rejected',
      errorCode: 'promotion_not_granted',
      brokeGlass: false,
    })
    expect(refused.decision).toMatchObject({ granted: false, n: 34, tp: 34, fp: 0, reviewsMissing: 1 })
    expect(refused.message).toMatch(/34 of 35 reviews: 1 more/)
    expect(await liveAction()).toBe('flag_and_pass')

    await review(filterId, 'true_positive')
    expect(await promote({}, 'reviewed')).toMatchObject({
      status: 'registered',
      decision: { granted: true, n: 35 },
    })
    expect(await liveAction()).toBe('block_and_log')
    expect(receipts()).toMatchObject([
      { status: 'FAILURE', data: { n: 34, granted: false, filterVersion: 1 } },
      {
        status: 'SUCCESS',
        data: { n: 35, tp: 35, fp: 0, granted: true, filterVersion: 1, reason: 'reviewed' },
      },
    ])
    expect(house.story().slice(-3)).toEqual([
      'promotion.decided',
      'deployment.requested',
      'deployment.registered',
    ])
    expect(house.entries().at(-1)).toMatchObject({
      action: 'promote',
      propertyChanges: [
        { property: 'config.block_action', oldValues: ['flag_and_pass'], newValues: ['block_and_log'] },
      ],
    })
  })

  test('the receipt and the deployment that it allows have one deployment id', async () => {
    await reviews(await deployShadow(), 35)
    const { deploymentId } = await promote()
    expect(receipts()[0]?.data['deploymentId']).toBe(deploymentId)
  })

  test('false positives count against it, unclear ones for neither side', async () => {
    const filterId = await deployShadow()
    await reviews(filterId, 35)
    await reviews(filterId, 10, 'unclear')
    await review(filterId, 'false_positive')
    expect((await promote()).decision).toMatchObject({ granted: false, n: 36, fp: 1, unclear: 10 })
  })

  test('what was reviewed of other thresholds is no evidence', async () => {
    const filterId = await deployShadow()
    await reviews(filterId, 35)
    const { deps, pipeline } = house
    const [filter] = await deps.port.listFilters({ timeoutMs: 8000 })
    const config = { ...(member(filter?.raw, 'config') as object), thresholds: { pii: 0.8 } }
    const payload = { name: 'pii guard', config }
    expect(await pipeline.deploy({ actor, payload, onConflict: 'update' })).toMatchObject({
      status: 'registered',
    })
    expect((await promote()).decision).toMatchObject({ granted: false, n: 0 })
  })

  test('a demotion and back keeps the evidence', async () => {
    const filterId = await deployShadow()
    await reviews(filterId, 35)
    expect(await promote()).toMatchObject({ status: 'registered' })
    const { change } = pipelineOperations(house.deps, house.pipeline, () => new Date())
    expect(await change({ operation: 'demote', filter: filterId }, { actor })).toMatchObject({
      status: 'registered',
    })
    expect(await promote({ to: 'redact_and_log' })).toMatchObject({ status: 'registered' })
    expect(await liveAction()).toBe('redact_and_log')
  })
})

describe('what is not promoted', () => {
  test('a filter that blocks as asked already is unchanged, and one that blocks otherwise is refused', async () => {
    await reviews(await deployShadow(), 35)
    await promote()
    expect(await promote()).toMatchObject({ status: 'unchanged', decision: null })
    expect(await promote({ to: 'redact_and_log' })).toMatchObject({ errorCode: 'not_in_shadow' })
    expect(receipts()).toHaveLength(1)
  })

  test('a filter that nobody knows', async () => {
    expect(await promote()).toMatchObject({ status: 'rejected', errorCode: 'filter_unknown', decision: null })
  })

  test('a filter that is gone from the organization', async () => {
    const filterId = await deployShadow()
    await house.deps.port.deleteFilter(filterId, { timeoutMs: 8000 })
    expect(await promote()).toMatchObject({ status: 'rejected', errorCode: 'filter_missing' })
  })

  test('when the organization cannot be asked, and that is recorded', async () => {
    await deployShadow()
    house.sandbox.addFault({ match: { path: '/**' }, times: 50, fault: { kind: 'status', status: 503 } })
    expect(await promote()).toMatchObject({ status: 'failed', errorCode: 'genesys_server', decision: null })
    expect(house.story().at(-1)).toBe('deployment.failed')
  })

  test('tolerance 0, which no number of reviews shows', async () => {
    await reviews(await deployShadow(0), 40)
    expect((await promote()).decision).toMatchObject({ granted: false, reviewsMissing: null })
  })
})

describe('break-glass', () => {
  test('goes past the evidence, and is loud: a warning that holds the reason and what was missing', async () => {
    const filterId = await deployShadow()
    await reviews(filterId, 3)
    const outcome = await promote({ breakGlass: true }, 'an attack is under way')
    expect(outcome).toMatchObject({
      status: 'registered',
      brokeGlass: true,
      decision: { granted: false, n: 3 },
    })
    expect(await liveAction()).toBe('block_and_log')
    expect(receipts()).toMatchObject([
      {
        status: 'WARNING',
        data: { breakGlass: true, granted: false, reason: 'an attack is under way', reviewsMissing: 32 },
      },
    ])
  })

  test.each([undefined, '', 'because'])('needs a reason that says something, not %p', async (reason) => {
    await deployShadow()
    expect(await promote({ breakGlass: true }, reason)).toMatchObject({
      status: 'rejected',
      errorCode: 'break_glass_reason',
    })
    expect(await liveAction()).toBe('flag_and_pass')
    expect(receipts()).toEqual([])
  })

  test('where the evidence grants anyway, no glass is broken', async () => {
    await reviews(await deployShadow(), 35)
    expect(await promote({ breakGlass: true }, 'to be on the safe side')).toMatchObject({ brokeGlass: false })
    expect(receipts()).toMatchObject([{ status: 'SUCCESS' }])
  })
})

test('the same request is carried out once', async () => {
  await reviews(await deployShadow(), 35)
  const first = await promote({ requestId: 'r-1' })
  expect(await promote({ requestId: 'r-1' })).toMatchObject({
    status: 'registered',
    duplicate: true,
    deploymentId: first.deploymentId,
  })
  expect(receipts()).toHaveLength(1)
})
