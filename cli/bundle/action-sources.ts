import { ACTION_CONTRACTS } from '../../actions/data-actions/contracts.ts'
import type { ActionSource } from '../../bundle/build/action-source.ts'
import type { Manifest } from '../manifest.ts'

/** Each action of the manifest with its contract. A name without one is a mistake of ours. */
export function actionSources({ actions }: Pick<Manifest, 'actions'>): readonly ActionSource[] {
  return actions.map((action) => {
    const contract = ACTION_CONTRACTS[action.name]
    if (!contract) throw new TypeError(`the action ${action.name} has no contract`)
    return { ...action, contract }
  })
}
