import { runSaga } from '../../../actions/pipeline/saga.ts'
import type { Step } from '../../../actions/pipeline/saga.ts'

const REFUSED = new Error('refused')

/** Steps that write down what is run and undone; one of them fails. */
function steps(failing: Step['name'] | undefined, undo: Step['undo'] = () => Promise.resolve('undone')) {
  const log: string[] = []
  const names = ['ensure-subscription', 'create-filter', 'subscribe-filter', 'record'] as const
  const all = names.map((name): Step => ({
    name,
    run: () => {
      log.push(`run ${name}`)
      return name === failing ? Promise.reject(REFUSED) : Promise.resolve()
    },
    // The first has no undo, as the shared subscription has none.
    ...(name !== 'ensure-subscription' && {
      undo: () => {
        log.push(`undo ${name}`)
        return undo()
      },
    }),
  }))
  return { all, log }
}

describe('a saga', () => {
  test('runs its steps in order and undoes none when all succeed', async () => {
    const { all, log } = steps(undefined)
    expect(await runSaga(all)).toEqual({ ok: true })
    expect(log).toEqual([
      'run ensure-subscription',
      'run create-filter',
      'run subscribe-filter',
      'run record',
    ])
  })

  test('undoes in reverse, the failed step included: it may have taken effect', async () => {
    const { all, log } = steps('subscribe-filter')
    expect(await runSaga(all)).toEqual({
      ok: false,
      failedStep: 'subscribe-filter',
      error: REFUSED,
      undone: ['subscribe-filter', 'create-filter'],
      stranded: [],
    })
    expect(log.slice(3)).toEqual(['undo subscribe-filter', 'undo create-filter'])
  })

  test('does not call undone what there was nothing of', async () => {
    const { all } = steps('create-filter', () => Promise.resolve('nothing'))
    expect(await runSaga(all)).toMatchObject({ ok: false, undone: [], stranded: [] })
  })

  test('goes on undoing when one undo fails, and names what is left', async () => {
    let undos = 0
    const failFirst = (): Promise<'undone'> =>
      undos++ === 0 ? Promise.reject(new TypeError('no')) : Promise.resolve('undone')
    const { all } = steps('record', failFirst)
    expect(await runSaga(all)).toMatchObject({
      ok: false,
      failedStep: 'record',
      error: REFUSED,
      undone: ['subscribe-filter', 'create-filter'],
      stranded: [{ step: 'record', error: { name: 'TypeError' } }],
    })
  })
})
