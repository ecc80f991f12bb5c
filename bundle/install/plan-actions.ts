import type { ActionBundle, DataAction } from '../definition/data-action.ts'
import { configDifferences, configOf, contractDifferences } from './canonical-action.ts'
import type { DeleteActionStep, InstallStep, RetireStep } from './install-step.ts'
import type { Installed } from './installed.ts'
import type { InstalledAction, ListedAction } from '../../actions/genesys/integrations-port.ts'
import { replacedName, replacedOf } from './replaced-name.ts'

interface ActionsWish {
  readonly bundle: ActionBundle
  readonly deleteReplaced: boolean
  readonly day: string
}

/**
 * The steps for the actions of a bundle. A published contract is frozen: where it differs, a new action is made first, and
 * the old one is renamed or deleted after that, so that the name always stands for an action.
 */
export function planActions(wish: ActionsWish, installed: Installed): readonly InstallStep[] {
  const taken = installed.listed.map(({ name }) => name)
  const steps: InstallStep[] = []
  for (const action of wish.bundle.actions) {
    const named = byId(installed.actions.filter(({ name }) => name === action.name))
    const match = named.find((each) => frozenDifferences(action, each).length === 0)
    steps.push(actionStep(wish.bundle, action, match, named))
    for (const { id } of named.filter((each) => each !== match)) {
      const step = retireStep(wish, { id, name: action.name }, taken)
      if (step.does === 'retire') taken.push(step.keptAs)
      steps.push(step)
    }
  }
  return [...steps, ...otherSteps(wish, installed)]
}

/** What cannot be changed in an action that is published. */
export function frozenDifferences(action: DataAction, found: InstalledAction): readonly string[] {
  const secure = action.secure === found.secure ? [] : ['secure']
  return [...contractDifferences(action.contract, found.contract), ...secure]
}

/** What can. */
export function openDifferences(
  { integrationName, timeoutSeconds }: ActionBundle,
  action: DataAction,
  found: InstalledAction,
): readonly string[] {
  const category = found.category === integrationName ? [] : ['category']
  return [...configDifferences(configOf(action, timeoutSeconds), found.config), ...category]
}

function actionStep(
  bundle: ActionBundle,
  action: DataAction,
  match: InstalledAction | undefined,
  named: readonly InstalledAction[],
): InstallStep {
  const { name } = action
  const part = 'action'
  if (match) {
    const { id } = match
    const differences = openDifferences(bundle, action, match)
    return differences.length === 0
      ? { part, does: 'unchanged', name, id, action, reason: 'is the same' }
      : { part, does: 'update', name, id, action, reason: `differs in ${differences.join(', ')}` }
  }
  const [old] = named
  if (!old) return { part, does: 'create', name, action, reason: 'there is none of that name' }
  const frozen = frozenDifferences(action, old).join(', ')
  return { part, does: 'replace', name, action, reason: `what is published differs in ${frozen}` }
}

function retireStep(
  { deleteReplaced, day }: ActionsWish,
  { id, name }: { readonly id: string; readonly name: string },
  taken: readonly string[],
): RetireStep | DeleteActionStep {
  const reason = 'another one stands in for it'
  if (deleteReplaced) return { part: 'action', does: 'delete', name, id, replacedBy: name, reason }
  return { part: 'action', does: 'retire', name, id, keptAs: replacedName(name, day, taken), reason }
}

/** Actions in the integration that no name of the bundle stands for. */
function otherSteps({ bundle, deleteReplaced }: ActionsWish, { listed }: Installed): readonly InstallStep[] {
  const names = bundle.actions.map(({ name }) => name)
  return byId(listed.filter(({ name }) => !names.includes(name))).map(({ id, name }): InstallStep => {
    const part = 'action'
    const replacedBy = replacedOf(name, names)
    if (replacedBy === undefined)
      return { part, does: 'left', name, id, reason: 'is none of the bundle, and is left alone' }
    if (deleteReplaced)
      return { part, does: 'delete', name, id, replacedBy, reason: `"${replacedBy}" stands in for it` }
    const reason = `"${replacedBy}" stands in for it; once no flow uses it, --delete-replaced deletes it`
    return { part, does: 'left', name, id, reason }
  })
}

/** An order that two runs agree on. */
function byId<T extends Pick<ListedAction, 'id'>>(actions: readonly T[]): readonly T[] {
  return [...actions].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}
