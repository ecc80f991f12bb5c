import fc from 'fast-check'
import { textMember } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import type { House } from '../pipeline/pipeline-house.ts'
import {
  CALL,
  changeOutside,
  closeHouses,
  deployed,
  house,
  liveOf,
  planned,
  run,
  webhook,
} from './drift-house.ts'
import type { JsonObject } from '../../../ledger/entry/entry.ts'

afterEach(closeHouses)
afterAll(removeTempFolders)

/** What befalls one filter: whose it is, what somebody else does to it, and whether a webhook tells. */
const fate = fc.record({
  ours: fc.boolean(),
  deed: fc.constantFrom('nothing', 'change', 'delete'),
  told: fc.boolean(),
})
type Fate = typeof fate extends fc.Arbitrary<infer T> ? T : never

async function befall(opened: House, fates: readonly Fate[]): Promise<void> {
  for (const [i, { ours, deed, told }] of fates.entries()) {
    const name = `guard ${i}`
    const filterId = ours
      ? await deployed(opened, name)
      : (await opened.deps.port.createFilter(planned(name, 60 + i), CALL)).id
    const before = (await liveOf(opened, filterId)).raw as JsonObject
    if (!ours && told) await webhook(opened, 'filter.created', before)
    if (deed === 'change') await changeOutside(opened, filterId, 80 + i)
    if (deed === 'delete') await opened.deps.port.deleteFilter(filterId, CALL)
    if (!told || deed === 'nothing') continue
    if (deed === 'delete') await webhook(opened, 'filter.deleted', before)
    else await webhook(opened, 'filter.updated', (await liveOf(opened, filterId)).raw as JsonObject)
  }
}

const fates = fc.array(fate, { minLength: 1, maxLength: 5 })

describe('whatever befell the filters', () => {
  test('what is adopted is in sync', async () => {
    await fc.assert(
      fc.asyncProperty(fates, async (all) => {
        const opened = await house()
        await befall(opened, all)
        expect((await run(opened, { answer: 'adopt' })).status).not.toBe('drift')
        const size = opened.ledger.reader.size()
        expect((await run(opened)).status).toBe('in_sync')
        expect(opened.ledger.reader.size()).toBe(size)
      }),
      { numRuns: 12 },
    )
  }, 120_000)

  test('what is ours and was reverted is in sync, and what is not is as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fates, async (all) => {
        const opened = await house()
        await befall(opened, all)
        const foreignNames = all.flatMap(({ ours }, i) => (ours ? [] : [`guard ${i}`]))
        const foreign = async () =>
          (await opened.world()).filters.filter((filter) => foreignNames.includes(textMember(filter, 'name')))
        await run(opened)
        const before = await foreign()
        await run(opened, { answer: 'revert' })
        const { drifts } = await run(opened)
        expect(drifts.filter(({ owned }) => owned)).toEqual([])
        expect(await foreign()).toEqual(before)
        const names = (await opened.world()).filters.map((filter) => JSON.stringify(filter))
        for (const [i, { ours: mine }] of all.entries())
          if (mine) expect(names.filter((text) => text.includes(`"guard ${i}"`))).toHaveLength(1)
      }),
      { numRuns: 12 },
    )
  }, 120_000)
})
