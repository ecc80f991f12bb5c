import { BundleError } from '../bundle-error.ts'
import type { DataAction } from '../definition/data-action.ts'
import { configDifferences, configOf } from './canonical-action.ts'
import type { CarryOut, InstallClock, Made } from './carry-out.ts'
import type { ActionStep, AuthActionStep, InstallStep } from './install-step.ts'
import { onNewestVersion, statusOf } from './newest-version.ts'
import { frozenDifferences, openDifferences } from './plan-actions.ts'
import { authActionId } from '../definition/web-services.ts'
import type { InstalledAction, ListedAction } from '../../actions/genesys/integrations-port.ts'

/** For how long after it was enabled an integration may refuse actions, and have no auth action. */
const SETTLES_WITHIN_MS = 30_000
const BETWEEN_MS = 1500

type AnyActionStep = Extract<InstallStep, { readonly part: 'action' | 'auth-action' }>

/** Carries out one step about an action; gives the action's id. */
export async function carryOutAction(step: AnyActionStep, work: CarryOut, made: Made): Promise<string> {
  switch (step.does) {
    case 'left':
      return step.id
    case 'retire':
      await rename(step.id, step.keptAs, work)
      return step.id
    case 'delete':
      await work.port.deleteAction(step.id)
      return step.id
    case 'create':
    case 'replace':
    case 'update':
    case 'unchanged': {
      const id = step.part === 'action' ? await settle(step, work, made) : await settleAuth(step, work, made)
      made.actionIds.set(step.name, id)
      return id
    }
  }
}

async function settle(step: ActionStep, work: CarryOut, made: Made): Promise<string> {
  const { id, action, does } = step
  if (id === undefined) return createAction(action, work, made)
  if (does === 'update') await updateAction(id, action, work)
  return id
}

async function createAction(
  action: DataAction,
  { port, wish: { bundle }, clock }: CarryOut,
  { integrationId }: Made,
): Promise<string> {
  const { name, contract, secure } = action
  const { integrationName: category, timeoutSeconds } = bundle
  const config = configOf(action, timeoutSeconds)
  const find = async (): Promise<ListedAction | undefined> => {
    const named = (await port.listActions(integrationId)).filter((each) => each.name === name)
    const read = await Promise.all(named.map((each) => port.readAction(each.id)))
    return read.find((each) => each !== undefined && frozenDifferences(action, each).length === 0)
  }
  const draft = { integrationId, category, name, config, contract, secure }
  const { id } = await onceSettled(clock, () => port.createAction(draft, find), isTooEarly)
  return id
}

function updateAction(
  id: string,
  action: DataAction,
  { port, wish: { bundle }, clock }: CarryOut,
): Promise<void> {
  return onNewestVersion(clock, async () => {
    const found = existing(await port.readAction(id), id)
    if (openDifferences(bundle, action, found).length === 0) return
    const { integrationName: category, timeoutSeconds } = bundle
    const config = configOf(action, timeoutSeconds)
    await port.updateAction(id, { version: found.version, name: action.name, category, config })
  })
}

function rename(id: string, name: string, { port, clock }: CarryOut): Promise<void> {
  return onNewestVersion(clock, async () => {
    const found = await port.readAction(id)
    if (found && found.name !== name) await port.updateAction(id, { version: found.version, name })
  })
}

async function settleAuth({ action, does }: AuthActionStep, work: CarryOut, made: Made): Promise<string> {
  const { port, clock } = work
  const id = authActionId(made.integrationId)
  if (does === 'unchanged') return id
  const config = configOf(action, work.wish.bundle.timeoutSeconds)
  const write = async (): Promise<void> => {
    const found = existing(await port.readAction(id), id)
    // Its time-out cannot be set.
    const theirs = { ...(found.config as object | undefined), timeoutSeconds: undefined }
    if (configDifferences(config, theirs).length === 0) return
    await port.updateAction(id, { version: found.version, config })
  }
  await onceSettled(clock, () => onNewestVersion(clock, write), isNotThere)
  return id
}

/** Tries again for a while: the platform enables an integration first, and takes actions for it later. */
async function onceSettled<T>(
  clock: InstallClock,
  call: () => Promise<T>,
  isEarly: (error: unknown) => boolean,
): Promise<T> {
  const end = clock.now() + SETTLES_WITHIN_MS
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!isEarly(error) || clock.now() + BETWEEN_MS >= end) throw error
      await clock.sleep(BETWEEN_MS)
    }
  }
}

/** A 400 that says nothing against what was sent. */
function isTooEarly(error: unknown): boolean {
  if (statusOf(error) !== 400 || !(error instanceof Error)) return false
  return !/contract|schema|template|timeout|header|invalid value|not valid/i.test(error.message)
}

function isNotThere(error: unknown): boolean {
  return error instanceof BundleError || statusOf(error) === 404
}

function existing(found: InstalledAction | undefined, id: string): InstalledAction {
  if (found) return found
  throw new BundleError('install-refused', `the action ${id} is not there: run this again`)
}
