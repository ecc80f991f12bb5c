import type { FaultEffect } from '../../../sandbox/faults.ts'
import { filterPayload, FILTERS, SUBSCRIPTIONS } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders, verifyFile } from '../../support/temp-ledger.ts'
import { openHouse } from './pipeline-house.ts'
import type { House } from './pipeline-house.ts'

const CALLS = {
  'list filters': { method: 'GET', path: FILTERS },
  'list subscriptions': { method: 'GET', path: SUBSCRIPTIONS },
  'create subscription': { method: 'POST', path: SUBSCRIPTIONS },
  'create filter': { method: 'POST', path: FILTERS },
} as const
type CallName = keyof typeof CALLS

const PATIENCE_MS = 300
const FAULTS = {
  '500': { kind: 'status', status: 500 },
  '503': { kind: 'status', status: 503 },
  'a reset': { kind: 'reset' },
  'a delay beyond the time-out': { kind: 'delay', ms: 4 * PATIENCE_MS },
  '429 with Retry-After': { kind: 'status', status: 429, headers: { 'retry-after': '2' } },
  '429 with a date': {
    kind: 'status',
    status: 429,
    headers: { 'retry-after': new Date(Date.now() + 20_000).toUTCString() },
  },
  '401': { kind: 'status', status: 401 },
  '409': { kind: 'status', status: 409 },
} as const satisfies Readonly<Record<string, FaultEffect>>
type FaultName = keyof typeof FAULTS

interface Row {
  readonly mode: 'shared' | 'per-filter'
  readonly call: CallName
  readonly applied: boolean
  readonly fault: FaultName
}

const MODES = ['shared', 'per-filter'] as const
const CALL_NAMES = ['list filters', 'list subscriptions', 'create subscription', 'create filter'] as const
const FAULT_NAMES = [
  '500',
  '503',
  'a reset',
  'a delay beyond the time-out',
  '429 with Retry-After',
  '429 with a date',
  '401',
  '409',
] as const
const ROWS: readonly Row[] = MODES.flatMap((mode) =>
  CALL_NAMES.flatMap((call) =>
    [false, true].flatMap((applied) => FAULT_NAMES.map((fault) => ({ mode, call, applied, fault }))),
  ),
)

/** Only a 409 is final, and not even that where what was refused is there after all. */
function succeedsAfterOne({ call, applied, fault }: Row): boolean {
  return fault !== '409' || (applied && call.startsWith('create'))
}

function strike(house: House, { call, applied, fault }: Row, times: number): void {
  house.sandbox.addFault({ match: CALLS[call], applied, times, fault: FAULTS[fault] })
}

/** What must hold whatever happened: the ledger tells the truth about the organization, and nothing is there twice. */
async function expectTruth(house: House, mode: Row['mode'], status: string): Promise<void> {
  const { filters, subscriptions } = await house.world()
  const stands = status === 'registered'
  expect(filters).toHaveLength(stands ? 1 : 0)
  if (stands || mode === 'per-filter') expect(subscriptions).toHaveLength(stands ? 1 : 0)
  // The shared one serves all filters: it may stay, but never twice.
  else expect(subscriptions.length).toBeLessThanOrEqual(1)
  expect(house.deps.journal.open()).toEqual([])
  expect(await verifyFile(house.file)).toMatchObject({ ok: true })
}

describe.each(MODES)('a deployment with %s subscriptions', (mode) => {
  let house: House

  beforeEach(async () => {
    house = await openHouse({ mode, patienceMs: PATIENCE_MS })
  })
  afterEach(() => house.close())
  afterAll(removeTempFolders)

  const titled = ROWS.filter((row) => row.mode === mode).map(
    (row) => [row.call, row.fault, row.applied ? 'applied' : 'not applied', row] as const,
  )

  test.each(titled)('outlives one failing %s (%s, %s) or fails cleanly', async (_, __, ___, row) => {
    strike(house, row, 1)
    const outcome = await house.pipeline.deploy({
      payload: filterPayload('guard'),
      actor: { type: 'system' },
    })
    if (succeedsAfterOne(row)) {
      expect(outcome).toMatchObject({ status: 'registered', priority: 10, errorCode: '' })
      expect(house.story()).toEqual(['deployment.requested', 'deployment.registered'])
    } else {
      const undone = mode === 'per-filter' && row.call.includes('subscription')
      expect(outcome).toMatchObject({
        status: undone ? 'compensated' : 'failed',
        errorCode: 'genesys_conflict',
        filterId: '',
      })
      expect(house.story()).toEqual([
        'deployment.requested',
        'deployment.failed',
        ...(undone ? ['deployment.compensated'] : []),
      ])
    }
    await expectTruth(house, mode, outcome.status)
  })

  // A list has no effect that could be applied, and a server that refuses for good has none either.
  const lasting = titled.filter(
    ([call, fault, applied]) =>
      ['500', '503', 'a reset', 'a delay beyond the time-out'].includes(fault) &&
      (call.startsWith('create') || applied === 'not applied'),
  )

  test.each(lasting)('ends in one state when %s keeps failing (%s, %s)', async (_, __, ___, row) => {
    strike(house, row, 1000)
    const outcome = await house.pipeline.deploy({
      payload: filterPayload('guard'),
      actor: { type: 'system' },
    })
    // What took effect is found by its name, however often the answer is lost.
    if (row.applied && row.call.startsWith('create')) expect(outcome.status).toBe('registered')
    else expect(['failed', 'compensated']).toContain(outcome.status)
    expect(house.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(25_000)
    await expectTruth(house, mode, outcome.status)
  })
})
