/** One step of a saga. `read-filters` comes before them all and has nothing to take back. */
export interface Step {
  readonly name:
    | 'read-filters'
    | 'ensure-subscription'
    | 'create-filter'
    | 'update-filter'
    | 'delete-filter'
    | 'subscribe-filter'
    | 'unsubscribe-filter'
    | 'record'
  readonly run: () => Promise<void>
  /** Takes back what `run` did, or may have done. Succeeds when there is nothing to take back. */
  readonly undo?: () => Promise<'undone' | 'nothing'>
}

export type SagaResult =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly failedStep: Step['name']
      readonly error: unknown
      /** Steps that were taken back. */
      readonly undone: readonly Step['name'][]
      /** Steps whose undo failed: what they did is still there. */
      readonly stranded: readonly { readonly step: Step['name']; readonly error: unknown }[]
    }

/**
 * Runs steps in order; when one fails, takes back what was done in reverse. A step's undo counts from before
 * its attempt: a call that timed out may have taken effect. A failed undo does not stop the others.
 */
export async function runSaga(steps: readonly Step[]): Promise<SagaResult> {
  const begun: Step[] = []
  for (const step of steps) {
    begun.push(step)
    try {
      await step.run()
    } catch (error) {
      return { ok: false, failedStep: step.name, error, ...(await undoAll(begun)) }
    }
  }
  return { ok: true }
}

async function undoAll(begun: readonly Step[]) {
  const undone: Step['name'][] = []
  const stranded: { step: Step['name']; error: unknown }[] = []
  for (const { name, undo } of begun.toReversed()) {
    try {
      if ((await undo?.()) === 'undone') undone.push(name)
    } catch (error) {
      stranded.push({ step: name, error })
    }
  }
  return { undone, stranded }
}
