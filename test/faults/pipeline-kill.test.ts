import { removeTempFolders } from '../support/temp-ledger.ts'
import { openHouse } from '../actions/pipeline/pipeline-house.ts'
import { KILLED_TASKS } from './killed-tasks.ts'
import type { KilledTask, Task } from './killed-tasks.ts'
import { checkSettled, filtersOf, setScene } from './pipeline-scene.ts'
import type { Filters, Mode, Scene } from './pipeline-scene.ts'
import { startWarmProcess } from './warm-process.ts'
import type { WarmProcess } from './warm-process.ts'

const SCRIPT = 'pipeline-on-order.js'
/** Loading takes longest: as many load as there are rows under way. */
const LANES = 3

interface Row {
  readonly killed: KilledTask
  readonly mode: Mode
  readonly boundary: Boundary
  readonly after: Filters
  /** Where the process that settles it dies as well. */
  readonly again?: Boundary
}

interface Boundary {
  readonly number: number
  readonly name: string
}

const waiting: Promise<WarmProcess>[] = []

/** One that has loaded; another one begins to load. */
function nextProcess(): Promise<WarmProcess> {
  while (waiting.length <= LANES) waiting.push(startWarmProcess(SCRIPT))
  return waiting.shift() ?? startWarmProcess(SCRIPT)
}

async function perform(scene: Scene, task: Task, killAt?: number): Promise<readonly string[]> {
  const process = await nextProcess()
  const lines = await process.run(scene.order(task, killAt))
  if (!process.isAlive()) {
    if (killAt === undefined) throw new Error(`the process died by itself: ${lines.join(', ')}`)
    return lines
  }
  if (killAt === undefined) waiting.unshift(Promise.resolve(process))
  else await process.end()
  if (killAt !== undefined) throw new Error(`boundary ${killAt} was not reached: ${lines.join(', ')}`)
  return lines
}

/** Nothing is seen outside between the end of one call and the beginning of the next: one kill stands for both. */
function boundariesOf(lines: readonly string[]): readonly Boundary[] {
  return lines
    .map((line) => /^at (\d+) (.*)$/.exec(line))
    .flatMap((found) => (found ? [{ number: Number(found[1]), name: found[2] ?? '' }] : []))
    .filter(({ number, name }) => number === 1 || name.startsWith('after'))
}

/** Every boundary of a task that nothing kills, and how the organization stands after it. */
async function rowsOf(killed: KilledTask, mode: Mode): Promise<readonly Row[]> {
  const scene = await setScene(killed, mode)
  try {
    scene.strike()
    const lines = await perform(scene, scene.task)
    if (!lines.some((line) => /^ended [a-z]+$/.test(line))) throw new Error(lines.join(', '))
    scene.sandbox.clearFaults()
    const house = await openHouse({ mode, running: scene.sandbox, file: scene.file })
    const stands = await filtersOf(house)
    await house.close()
    const after = killed.faults?.length ? await wishOf(killed, mode) : stands
    return boundariesOf(lines).map((boundary) => ({ killed, mode, boundary, after }))
  } finally {
    await scene.close()
  }
}

/** What would have been, had nothing stood in the way. */
async function wishOf(killed: KilledTask, mode: Mode): Promise<Filters> {
  const [row] = await rowsOf({ ...killed, faults: [] }, mode)
  return row?.after ?? new Map<string, string>()
}

async function survive({ killed, mode, boundary, again, after }: Row): Promise<void> {
  const scene = await setScene(killed, mode)
  try {
    scene.strike()
    await perform(scene, scene.task, boundary.number)
    scene.sandbox.clearFaults()
    if (again) await perform(scene, { kind: 'resume' }, again.number)
    await checkSettled(scene, after)
  } finally {
    await scene.close()
  }
}

/** Where a process may die that settles what another one left. */
async function resumptionsOf(row: Row): Promise<readonly Row[]> {
  const scene = await setScene(row.killed, row.mode)
  try {
    await perform(scene, scene.task, row.boundary.number)
    const lines = await perform(scene, { kind: 'resume' })
    return boundariesOf(lines).map((again) => ({ ...row, again }))
  } finally {
    await scene.close()
  }
}

async function surviveAll(rows: readonly Row[]): Promise<readonly string[]> {
  const left = [...rows]
  const failures: string[] = []
  const lane = async (): Promise<void> => {
    for (let row = left.shift(); row; row = left.shift()) {
      const { boundary, again } = row
      const title = `killed ${boundary.name} (${boundary.number})${again ? `, then ${again.name}` : ''}`
      await survive(row).catch((error: unknown) => failures.push(`${title}: ${String(error)}`))
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return failures
}

const TITLED = (['shared', 'per-filter'] as const).flatMap((mode) =>
  KILLED_TASKS.filter(({ crowd, alsoShared }) =>
    mode === 'shared' ? alsoShared === true : crowd === undefined,
  ).map((killed) => [killed.title, mode, killed] as const),
)

afterAll(async () => {
  for (const process of waiting) await (await process).end()
  removeTempFolders()
})

describe('kill -9 at every step', () => {
  test.each(TITLED)(
    'of %s leaves what can be settled (%s)',
    async (_, mode, killed) => {
      const rows = await rowsOf(killed, mode)
      expect(rows.length).toBeGreaterThanOrEqual(6)
      expect(await surviveAll(rows)).toEqual([])
    },
    240_000,
  )

  // One subscription a filter: with a shared one, settling has no step that this has not.
  const settled = TITLED.filter(
    ([, mode, { alsoSettling }]) => mode === 'per-filter' && alsoSettling === true,
  )

  test.each(settled)(
    'of settling %s leaves what can be settled (%s)',
    async (_, mode, killed) => {
      const rows = await rowsOf(killed, mode)
      // The outcome is not recorded: everything is done, and nobody knows.
      const [unrecorded] = rows.filter(({ boundary }) => boundary.name.startsWith('after')).slice(-2)
      if (!unrecorded) throw new Error('no step lies in front of the last entry')
      const resumptions = await resumptionsOf(unrecorded)
      expect(resumptions.length).toBeGreaterThanOrEqual(4)
      expect(await surviveAll(resumptions)).toEqual([])
    },
    240_000,
  )
})
