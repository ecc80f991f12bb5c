import { pipelineOperations } from '../../../actions/pipeline/operations.ts'
import type { DeployOutcome } from '../../../actions/pipeline/deploy-outcome.ts'
import type { Fault } from '../../../sandbox/faults.ts'
import { filterPayload, FILTERS, member, SUBSCRIPTIONS } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders, verifyFile } from '../../support/temp-ledger.ts'
import { openHouse } from './pipeline-house.ts'
import type { House } from './pipeline-house.ts'

const CALLS = {
  login: { method: 'POST', path: '/oauth/token' },
  'list filters': { method: 'GET', path: FILTERS },
  'list subscriptions': { method: 'GET', path: SUBSCRIPTIONS },
  'update filter': { method: 'PUT', path: `${FILTERS}/*` },
  'delete filter': { method: 'DELETE', path: `${FILTERS}/*` },
  'delete subscription': { method: 'DELETE', path: `${SUBSCRIPTIONS}/*` },
} as const
type CallName = keyof typeof CALLS

const PATIENCE_MS = 300
type Strike = Pick<Fault, 'applied' | 'fault'>
/** The client reckons a date against the time of the machine. */
const httpDate = (): string => new Date(Date.now() + 3000).toUTCString()
const FAULTS = {
  'not applied and failed': () => ({ fault: { kind: 'status', status: 500 } }),
  'applied and failed': () => ({ applied: true, fault: { kind: 'status', status: 500 } }),
  'applied and answer lost': () => ({ applied: true, fault: { kind: 'reset' } }),
  'applied and slow': () => ({ applied: true, fault: { kind: 'delay', ms: 4 * PATIENCE_MS } }),
  '429 with seconds': () => ({ fault: { kind: 'status', status: 429, headers: { 'retry-after': '2' } } }),
  '429 with a date': () => ({
    fault: { kind: 'status', status: 429, headers: { 'retry-after': httpDate() } },
  }),
  '503': () => ({ fault: { kind: 'status', status: 503 } }),
  'connection reset': () => ({ fault: { kind: 'reset' } }),
  '401 once': () => ({ fault: { kind: 'status', status: 401 } }),
  '409': () => ({ fault: { kind: 'status', status: 409 } }),
} as const satisfies Readonly<Record<string, () => Strike>>
type FaultName = keyof typeof FAULTS

const OPERATIONS = ['update', 'demote', 'delete'] as const
type OperationName = (typeof OPERATIONS)[number]
type Mode = 'shared' | 'per-filter'

/** The remote calls that an operation makes, in their order. */
function callsOf(operation: OperationName, mode: Mode): readonly CallName[] {
  if (operation !== 'delete') return ['login', 'list filters', 'list subscriptions', 'update filter']
  const own = ['list subscriptions', 'delete subscription'] as const
  return ['login', 'list filters', 'delete filter', ...(mode === 'per-filter' ? own : [])]
}

interface Row {
  readonly operation: OperationName
  readonly call: CallName
  readonly fault: FaultName
  readonly mode: Mode
}

/** A conflict is final, and so is a refused login. Whatever else strikes once is outlived. */
function endsIn({ operation, call, fault, mode }: Row): keyof typeof STORIES {
  const isFinal = fault === '409' || (fault === '401 once' && call === 'login')
  if (!isFinal) return 'done'
  const comesAfter =
    mode === 'per-filter' && (call === 'list subscriptions' || call === 'delete subscription')
  if (!comesAfter) return 'failed'
  // An update is put back; a filter that is gone is gone.
  return operation === 'delete' ? 'stranded' : 'compensated'
}

const STORIES = {
  done: [],
  failed: ['deployment.failed'],
  compensated: ['deployment.failed', 'deployment.compensated'],
  stranded: ['deployment.failed', 'deployment.stranded'],
} as const

let house: House

async function carryOut(operation: OperationName): Promise<DeployOutcome> {
  const actor = { type: 'system' } as const
  if (operation === 'update')
    return house.pipeline.deploy({
      payload: filterPayload('guard', { description: 'second' }),
      onConflict: 'update',
      actor,
    })
  const { change } = pipelineOperations(house.deps, house.pipeline, () => new Date())
  return change({ operation, filter: 'guard' }, { actor })
}

/** What is wished for, and whether the organization has it. */
function isAsWished(operation: OperationName, filters: readonly unknown[]): boolean {
  const [filter] = filters
  if (operation === 'delete') return filter === undefined
  if (operation === 'update') return member(filter, 'description') === 'second'
  return member(member(filter, 'config'), 'block_action') === 'flag_and_pass'
}

describe.each(['shared', 'per-filter'] as const)('changes with %s subscriptions', (mode) => {
  const rows = OPERATIONS.flatMap((operation) =>
    callsOf(operation, mode).flatMap((call) =>
      (Object.keys(FAULTS) as FaultName[]).map((fault): [string, string, string, Row] => [
        operation,
        call,
        fault,
        { operation, call, fault, mode },
      ]),
    ),
  )

  beforeEach(async () => {
    house = await openHouse({ mode, patienceMs: PATIENCE_MS })
    const { status } = await house.pipeline.deploy({
      payload: filterPayload('guard'),
      actor: { type: 'system' },
    })
    expect(status).toBe('registered')
  })
  afterEach(() => house.close())
  afterAll(removeTempFolders)

  test.each(rows)('%s: one %s struck (%s)', async (_, __, ___, row) => {
    const { operation, call, fault } = row
    if (call === 'login') house.sandbox.revokeTokens()
    house.sandbox.addFault({ match: CALLS[call], times: 1, ...FAULTS[fault]() })
    const told = house.story().length
    const outcome = await carryOut(operation)
    const end = endsIn(row)
    const settled = operation === 'delete' ? 'deployment.removed' : 'deployment.registered'
    const ending = end === 'done' ? [settled] : STORIES[end]
    expect(house.story().slice(told)).toEqual(['deployment.requested', ...ending])
    const done = operation === 'delete' ? 'removed' : 'registered'
    expect(outcome.status).toBe(end === 'done' ? done : end)
    const { filters, subscriptions } = await house.world()
    expect(isAsWished(operation, filters)).toBe(end === 'done' || end === 'stranded')
    const own = end === 'done' && operation === 'delete' && mode === 'per-filter' ? 0 : 1
    expect(subscriptions).toHaveLength(own)
    expect(house.deps.journal.open()).toEqual([])
    expect(await verifyFile(house.file)).toMatchObject({ ok: true })
  })
})
