import { changesUnderWay } from '../../../actions/data-actions/under-way.ts'
import type { ChangesUnderWay, UnderWayDeps } from '../../../actions/data-actions/under-way.ts'
import type { House } from '../pipeline/pipeline-house.ts'

/** Of a house; unless a test says otherwise a flow waits for the end, however long that takes. */
export function underWayOf({ deps }: Pick<House, 'deps'>, own: Partial<UnderWayDeps> = {}): ChangesUnderWay {
  return changesUnderWay({
    journal: deps.journal,
    newId: deps.newId,
    patience: () => new Promise<never>(() => undefined),
    onFailure: (_, error) => {
      throw error
    },
    ...own,
  })
}
