import { createPipeline } from '../../../actions/pipeline/pipeline.ts'
import type { PromotionDeps } from '../../../actions/promotion/promote-filter.ts'
import { pipelineOperations } from '../../../actions/pipeline/operations.ts'
import type { PipelineOperations } from '../../../actions/pipeline/operations.ts'
import { uuidV7 } from '../../../ledger/entry/uuid.ts'
import { deploymentJournal } from '../../../ledger/projections/deployments.ts'
import { reviewEvidence } from '../../../ledger/projections/review-evidence.ts'
import { filterRecords } from '../../../ledger/projections/filter-records.ts'
import { parseStored } from '../../../ledger/store/entry-reader.ts'
import { remoteKeys } from '../../../receiver/webhook/keys/key-sources.ts'
import { startSandbox } from '../../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../../sandbox/start-sandbox.ts'
import { EVENT_TYPES, startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { filterPayload } from '../../sandbox/sandbox-caller.ts'
import { clientFor, fastClock } from '../pipeline/pipeline-house.ts'
import { CALL, LATER_MS, planned, requester } from './drift-house.ts'

/** A sandbox that delivers to a receiver, and a pipeline over that receiver's ledger. */
interface Installation {
  readonly sandbox: Sandbox
  readonly receiver: TestReceiver
  readonly deps: PromotionDeps
  readonly operations: (afterMs?: number) => PipelineOperations
  readonly deploy: (name: string) => Promise<string>
  /** The sender's way to the receiver is cut, or mended. */
  readonly cut: (off: boolean) => void
}

let installed: Installation

beforeEach(async () => {
  installed = await install()
})
afterEach(async () => {
  await installed.sandbox.close()
  await installed.receiver.close()
})
afterAll(removeTempFolders)

async function install(): Promise<Installation> {
  let off = false
  const deliver: typeof fetch = (url, init) =>
    off ? Promise.resolve(new Response(undefined, { status: 503 })) : fetch(url, init)
  const sandbox = await startSandbox({
    rateLimit: false,
    fetch: deliver,
    delivery: { retries: 1, waitMs: 1 },
  })
  const [journal, records] = [deploymentJournal(), filterRecords()]
  const evidence = reviewEvidence({ reviewed: (filterId) => receiver.ledger.metrics.reviewed(filterId) })
  const keys = remoteKeys({
    url: new URL(sandbox.jwksUrl),
    fetch,
    now: () => new Date(),
    random: Math.random,
  })
  const receiver: TestReceiver = await startTestReceiver({
    resolveKey: keys.resolve,
    ledger: { projections: [journal.apply, records.apply, evidence.apply] },
  })
  const deps: PromotionDeps = {
    port: clientFor(sandbox),
    append: receiver.ledger.append,
    journal,
    records,
    evidence,
    entryAt: (index) => {
      const stored = receiver.ledger.reader.at(index)
      return stored && parseStored(stored)
    },
    clock: fastClock([]),
    newId: () => uuidV7(new Date()),
    settings: {
      deadlineMs: 25_000,
      maxEnabledFilters: 50,
      subscription: {
        mode: 'shared',
        address: `${receiver.url}/webhooks/genesys`,
        eventTypes: Object.keys(EVENT_TYPES),
        apiVersion: 'v2',
      },
    },
  }
  const pipeline = createPipeline(deps)
  return {
    sandbox,
    receiver,
    deps,
    operations: (afterMs = 0) => pipelineOperations(deps, pipeline, () => new Date(Date.now() + afterMs)),
    deploy: async (name) =>
      (await pipeline.deploy({ payload: filterPayload(name), actor: requester.actor })).filterId,
    cut: (cut) => (off = cut),
  }
}

describe('with webhooks that are delivered', () => {
  test('normal work is no drift, and every event of it is there', async () => {
    const { deploy, operations, sandbox } = installed
    for (const name of ['first guard', 'second guard', 'third guard']) await deploy(name)
    await operations().change({ operation: 'disable', filter: 'first guard' }, requester)
    await operations().change({ operation: 'delete', filter: 'second guard' }, requester)
    await sandbox.idle()
    expect(await operations(LATER_MS).reconcile({}, requester)).toMatchObject({
      status: 'in_sync',
      compared: 2,
      missedWebhooks: 0,
      unconfirmed: [],
    })
  })

  test('a change outside is drift of what is ours, and nothing was missed', async () => {
    const { deploy, operations, sandbox, deps } = installed
    const ours = await deploy('guard')
    const { id } = await deps.port.createFilter(planned('foreign', 30), CALL)
    await deps.port.updateFilter(ours, planned('guard', 90), CALL)
    await deps.port.updateFilter(id, planned('foreign', 31), CALL)
    await sandbox.idle()
    expect(await operations(LATER_MS).reconcile({}, requester)).toMatchObject({
      compared: 2,
      missedWebhooks: 0,
      drifts: [{ filterId: ours, kind: 'changed', webhook: 'received' }],
    })
  })

  test('what was refused until the sender gave up is missed, and our own is unconfirmed', async () => {
    const { deploy, operations, sandbox, deps, cut } = installed
    const ours = await deploy('guard')
    await deploy('second guard')
    const { id } = await deps.port.createFilter(planned('foreign', 30), CALL)
    await sandbox.idle()
    cut(true)
    await deps.port.updateFilter(ours, planned('guard', 90), CALL)
    await deps.port.updateFilter(id, planned('foreign', 31), CALL)
    await operations().change({ operation: 'disable', filter: 'second guard' }, requester)
    await sandbox.idle()
    expect(await operations(LATER_MS).reconcile({}, requester)).toMatchObject({
      status: 'drift',
      missedWebhooks: 2,
      drifts: [
        { filterId: ours, kind: 'changed', webhook: 'missed' },
        { filterId: id, kind: 'changed', webhook: 'missed' },
      ],
      unconfirmed: [{ name: 'second guard' }],
    })
    cut(false)
    expect(await operations().reconcile({ answer: 'revert', only: ['guard'] }, requester)).toMatchObject({
      drifts: [{ answer: { result: 'answered' } }, { filterId: id }],
    })
    await deps.port.updateFilter(id, planned('foreign', 32), CALL)
    await sandbox.idle()
    expect(await operations(LATER_MS).reconcile({}, requester)).toMatchObject({
      status: 'in_sync',
      missedWebhooks: 0,
    })
  })
})
