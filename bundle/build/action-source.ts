import type { ActionContract } from '../../actions/contract/action-contract.ts'

/** Everything that a data action of ours is made from: its names in the manifest, and its contract. */
export interface ActionSource {
  /** `deploy-filter` */
  readonly name: string
  /** What people see: `Deploy Safety Filter`. */
  readonly title: string
  readonly description: string
  readonly method: 'POST'
  readonly path: string
  /** What the token needs. */
  readonly scope: string
  readonly contract: ActionContract
}
