import { resumeDeployments } from '../../actions/pipeline/resume.ts'
import { lastWritten } from '../../actions/pipeline/known-state.ts'
import { canonicalFilterText } from '../../actions/filter/compare-filters.ts'
import { asRecord } from '../../ledger/entry/as-record.ts'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import { startSandbox } from '../../sandbox/start-sandbox.ts'
import { openHouse } from '../actions/pipeline/pipeline-house.ts'
import type { House } from '../actions/pipeline/pipeline-house.ts'
import { call, filterPayload, FILTERS, login, SUBSCRIPTIONS } from '../sandbox/sandbox-caller.ts'
import { verifyFile } from '../support/temp-ledger.ts'
import type { KilledTask, Task } from './killed-tasks.ts'

export type Mode = 'shared' | 'per-filter'

/** An organization and a ledger that agree, and in which something is about to happen. */
export interface Scene {
  readonly sandbox: Sandbox
  readonly file: string
  readonly mode: Mode
  readonly before: Filters
  /** The order for a process that carries out a task, and dies at a boundary. */
  readonly order: (task: Task, killAt?: number) => string
  readonly task: Task
  readonly strike: () => void
  readonly close: () => Promise<void>
}

/** Filters of a name, as texts to compare. */
export type Filters = ReadonlyMap<string, string>

const CROWD = 'foreign'

export async function setScene(
  { before, task, faults = [], crowd = 0 }: KilledTask,
  mode: Mode,
): Promise<Scene> {
  const accept = (): Promise<Response> => Promise.resolve(new Response(undefined, { status: 202 }))
  const sandbox = await startSandbox({ rateLimit: false, fetch: accept, maxPriority: 300 })
  const house = await openHouse({ mode, running: sandbox })
  const ids = new Map<string, string>()
  for (const payload of before) {
    const { filterId, filterName } = await house.pipeline.deploy({ payload, actor: { type: 'system' } })
    ids.set(filterName, filterId)
  }
  const token = crowd === 0 ? '' : await login(sandbox)
  for (let n = 0; n < crowd; n++) {
    const body = filterPayload(`${CROWD} ${n}`, { enabled: false, priority: 101 + n })
    await call(sandbox, 'POST', FILTERS, { token, body })
  }
  const filters = await filtersOf(house)
  await house.ledger.close()
  const { settings } = house.deps
  const genesys = {
    clientId: sandbox.clientId,
    clientSecret: sandbox.clientSecret,
    baseUrl: sandbox.url,
    filtersPath: FILTERS,
    subscriptionsPath: SUBSCRIPTIONS,
  }
  return {
    sandbox,
    file: house.file,
    mode,
    before: filters,
    order: (asked, killAt = 0) =>
      JSON.stringify({ file: house.file, genesys, settings, task: asked, killAt }),
    task: task((name) => ids.get(name) ?? ''),
    strike: () => {
      for (const fault of faults) sandbox.addFault(fault)
    },
    close: () => sandbox.close(),
  }
}

/** Those that are not of the crowd. */
export async function filtersOf({ deps }: House): Promise<Filters> {
  const live = await deps.port.listFilters({ timeoutMs: 8000 })
  return new Map(
    live
      .filter(({ name }) => !name.startsWith(CROWD))
      .map(({ name, raw }): [string, string] => [name, canonicalFilterText(raw)]),
  )
}

/**
 * Settles what a dead process left, and checks that it is settled: each filter is as it was or as it was to be, the
 * ledger says which, a subscription is there for what is there, and settling again changes nothing.
 *
 * @throws Error that says what does not hold
 */
export async function checkSettled({ sandbox, file, mode, before }: Scene, after: Filters): Promise<void> {
  sandbox.clearFaults()
  const house = await openHouse({ mode, running: sandbox, file })
  try {
    await resumeDeployments(house.deps, house.pipeline)
    const problems = [
      ...(await remoteProblems(house, { mode, before, after })),
      ...(await recordProblems(house)),
    ]
    const size = house.ledger.reader.size()
    const world = JSON.stringify(await house.world())
    await resumeDeployments(house.deps, house.pipeline)
    if (house.ledger.reader.size() !== size) problems.push('settling again wrote to the ledger')
    if (JSON.stringify(await house.world()) !== world)
      problems.push('settling again changed the organization')
    if (problems.length > 0) throw new Error(`${problems.join('; ')} (${house.story().join(', ')})`)
  } finally {
    await house.close()
  }
  const { ok, findings } = await verifyFile(file)
  if (!ok) throw new Error(`it does not verify: ${JSON.stringify(findings)}`)
}

async function remoteProblems(
  house: House,
  { mode, before, after }: { readonly mode: Mode; readonly before: Filters; readonly after: Filters },
): Promise<string[]> {
  const live = await filtersOf(house)
  const problems = [...new Set([...before.keys(), ...after.keys(), ...live.keys()])]
    .filter((name) => ![before.get(name), after.get(name)].includes(live.get(name)))
    .map((name) => `${name} is neither as it was nor as it was to be: ${live.get(name) ?? 'not there'}`)
  const { subscriptions } = await house.world()
  const filters = await house.deps.port.listFilters({ timeoutMs: 8000 })
  const left = strandedOf(house)
  const ours = filters.filter(({ name }) => live.has(name))
  if (ours.length !== live.size) problems.push('a filter is there twice')
  if (mode === 'shared') {
    if (subscriptions.length > 1) problems.push('the shared subscription is there twice')
    if (ours.length > left.size && subscriptions.length === 0) problems.push('nothing listens')
    return problems
  }
  const heard = subscriptions.map((one) => String(asRecord(one)['filter_id'])).sort()
  const there = ours
    .map(({ id }) => id)
    .filter((id) => !left.has(id) || heard.includes(id))
    .sort()
  if (heard.join() !== there.join())
    problems.push(`filters ${there.join()}, subscriptions of ${heard.join()}`)
  return problems
}

/** Whether the ledger's last word on each filter is what the organization has. */
async function recordProblems(house: House): Promise<string[]> {
  const { deps } = house
  const { journal, records, port } = deps
  const left = strandedOf(house)
  const problems = journal.open().map(({ deploymentId }) => `deployment ${deploymentId} is open`)
  const live = (await port.listFilters({ timeoutMs: 8000 })).filter(({ name }) => !name.startsWith(CROWD))
  for (const { id, name, raw } of live) {
    if (left.has(id)) continue
    const written = lastWritten(deps, id)
    if (records.get(id)?.owned !== true) problems.push(`${name} is there, and not ours by the ledger`)
    else if (!written || canonicalFilterText(written) !== canonicalFilterText(raw))
      problems.push(`the ledger has another ${name}: ${JSON.stringify(written)}`)
  }
  for (const { filterId, name, deleted } of records.all())
    if (!deleted && !live.some(({ id }) => id === filterId))
      problems.push(`${name} is live by the ledger and gone`)
  return problems
}

/** The filters that the ledger says were left behind. */
function strandedOf({ entries }: House): ReadonlySet<string> {
  return new Set(
    entries()
      .filter(({ type }) => type === 'deployment.stranded')
      .map(({ data }) => String(asRecord(data['remains'])['filterId'])),
  )
}
