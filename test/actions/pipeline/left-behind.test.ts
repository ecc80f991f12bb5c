import { LedgerError } from '../../../ledger/ledger-error.ts'
import { FILTERS, member } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { openHouse } from './pipeline-house.ts'

afterEach(removeTempFolders)

const payload = {
  name: 'guard',
  config: {
    content_categories: ['pii'],
    block_action: 'block_and_log',
    thresholds: { pii: 0.5 },
    false_positive_tolerance: 0.05,
  },
}
const actor = { type: 'client', id: 'a-flow' } as const

describe('what neither the ledger took nor the server gave up', () => {
  test('is named in the ledger as stranded as soon as it takes entries again', async () => {
    const house = await openHouse({
      wrapAppend: (append) => (submission) =>
        submission.entry.type === 'deployment.registered'
          ? Promise.reject(new LedgerError('ledger-busy', 'refused by the test'))
          : append(submission),
    })
    try {
      house.sandbox.addFault({
        match: { method: 'DELETE', path: `${FILTERS}/*` },
        times: 100,
        fault: { kind: 'status', status: 503 },
      })
      await expect(house.pipeline.deploy({ actor, payload })).rejects.toMatchObject({ code: 'ledger-busy' })
      const { filters } = await house.world()
      expect(filters).toHaveLength(1)
      expect(house.story()).toEqual(['deployment.requested', 'deployment.stranded'])
      const remains = house.entries()[1]?.data['remains']
      expect(remains).toMatchObject({ filterId: member(filters[0], 'id') })
    } finally {
      await house.close()
    }
  })

  test('is nothing when a name has no room for a version', async () => {
    const house = await openHouse()
    try {
      const long = { ...payload, name: 'n'.repeat(126) }
      await house.pipeline.deploy({ actor, payload: long })
      const other = { ...long, enabled: false }
      const outcome = await house.pipeline.deploy({ actor, payload: other, onConflict: 'version' })
      expect(outcome).toMatchObject({ status: 'conflict', errorCode: 'name_conflict' })
      expect((await house.world()).filters).toHaveLength(1)
    } finally {
      await house.close()
    }
  })
})
