import fc from 'fast-check'
import { carryOutInstall } from '../../../bundle/install/carry-out-install.ts'
import type { ActionBundle, DataAction } from '../../../bundle/definition/data-action.ts'
import { SECRET, installed, movedClock, planned, summary, wishOf } from './install-run.ts'
import { organization } from './organization.ts'
import type { Accident, Organization } from './organization.ts'
import { oauthBundle, redirected, smallAction, smallBundle, widened } from './small-bundle.ts'

const get = smallAction('Get Filter')
const record = smallAction('Record Filter Block')

/** What is there, without ids. */
function shape(org: Organization) {
  return {
    integrations: [...org.integrations.values()].map(({ name, intendedState }) => [name, intendedState]),
    credentials: [...org.credentials.values()],
    actions: [...org.actions.values()]
      .map(({ name, category, config, contract }) => ({ name, category, config, contract }))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  }
}

describe('carrying out an install', () => {
  test('tells of a replaced action by which ids flows are bound', async () => {
    const org = organization()
    const first = await installed(org.port, wishOf(smallBundle()))
    const oldId = first.lines.find(({ name }) => name === 'Get Filter')?.id
    const { replaced } = await installed(
      org.port,
      wishOf(smallBundle({ actions: [widened(get, 'more'), record] })),
    )
    const newId = [...org.actions.values()].find(({ name }) => name === 'Get Filter')?.id
    expect(newId).not.toBe(oldId)
    expect(replaced).toEqual([
      { name: 'Get Filter', oldId, newId, keptAs: 'Get Filter (replaced 2026-11-26)' },
    ])
  })

  test('keeps what a person wrote into the configuration', async () => {
    const org = organization()
    await installed(org.port, wishOf(smallBundle()))
    for (const [id, config] of org.configs)
      org.configs.set(id, { ...config, notes: 'ask Ada', properties: { a: 1 }, credentials: {} })
    await installed(org.port, wishOf(smallBundle()))
    expect([...org.configs.values()]).toMatchObject([{ notes: 'ask Ada', properties: { a: 1 } }])
  })

  test.each<[string, readonly Accident[]]>([
    [
      'an integration whose answer was lost',
      [{ call: 'createIntegration', status: undefined, applied: true }],
    ],
    ['a credential whose answer was lost', [{ call: 'createCredential', status: undefined, applied: true }]],
    ['an action whose answer was lost', [{ call: 'createAction', status: undefined, applied: true }]],
    [
      'an integration that takes no action yet',
      Array.from({ length: 3 }, () => ({ call: 'createAction' as const, status: 400, message: 'not ready' })),
    ],
    ['a version that another one was faster with', [{ call: 'writeConfig', status: 409 }]],
    [
      'the same, as the platform says it too',
      [{ call: 'writeConfig', status: 400, message: 'Supplied version 2 does not match latest version 3' }],
    ],
  ])('gets over %s', async (_, accidents) => {
    const org = organization()
    org.accidents.push(...accidents)
    await installed(org.port, wishOf(smallBundle()))
    const plain = organization()
    await installed(plain.port, wishOf(smallBundle()))
    expect(shape(org)).toEqual(shape(plain))
  })

  test('ends at a contract that the platform refuses, without asking again', async () => {
    const org = organization()
    const message = 'Failed Validation of contract.input.inputSchema as a simple properties schema.'
    org.accidents.push({ call: 'createAction', status: 400, message })
    await expect(installed(org.port, wishOf(smallBundle()))).rejects.toMatchObject({ message })
  })

  test('ends when an integration does not become ready in half a minute', async () => {
    const org = organization()
    const clock = movedClock()
    const accident = { call: 'createAction', status: 400, message: 'not ready' } as const
    org.accidents.push(...Array.from({ length: 100 }, () => accident))
    await expect(installed(org.port, wishOf(smallBundle()), clock)).rejects.toMatchObject({ status: 400 })
    expect(clock.now()).toBeLessThanOrEqual(30_000)
    expect(clock.now()).toBeGreaterThan(20_000)
  })

  test('ends when the integration reports an error for half a minute', async () => {
    const org = organization()
    const port = {
      ...org.port,
      readIntegration: async (id: string) => ({
        ...(await org.port.readIntegration(id)),
        reportedState: 'ERROR',
      }),
    }
    await expect(installed(port, wishOf(smallBundle()))).rejects.toMatchObject({
      code: 'install-refused',
      message: expect.stringContaining('is error 30 s after') as unknown,
    })
  })

  test('writes no credential without its secret', async () => {
    const org = organization()
    const wish = wishOf(smallBundle())
    const steps = await planned(org.port, wish)
    const work = { port: org.port, wish, clock: movedClock() }
    await expect(carryOutInstall(steps, work)).rejects.toMatchObject({ code: 'install-refused' })
    expect(org.credentials.size).toBe(0)
  })
})

/** A bundle of up to three actions, each of one of three contracts and two configurations. */
const anyBundle: fc.Arbitrary<ActionBundle> = fc
  .record({
    isOauth: fc.boolean(),
    actions: fc.array(
      fc.record({ contract: fc.nat({ max: 2 }), config: fc.nat({ max: 1 }), secure: fc.boolean() }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ isOauth, actions }) => {
    const base = isOauth ? oauthBundle() : smallBundle()
    const [first = get] = base.actions
    return { ...base, actions: actions.map((each, index) => variant(first, index, each)) }
  })

function variant(
  first: DataAction,
  index: number,
  { contract, config, secure }: { contract: number; config: number; secure: boolean },
): DataAction {
  const named = { ...first, name: `Action ${index}`, secure }
  const widerOnes = Array.from({ length: contract }, (_, each) => `more${each}`)
  const wider = widerOnes.reduce(widened, named)
  return config === 0 ? wider : redirected(wider, 'https://other.example')
}

describe('an install of any bundle over any other', () => {
  test('leaves nothing to do', async () => {
    await fc.assert(
      fc.asyncProperty(anyBundle, anyBundle, fc.boolean(), async (before, after, deleteReplaced) => {
        const org = organization()
        await installed(org.port, wishOf(before))
        // The type of a credential cannot change.
        const next = { ...after, ...(before.auth !== after.auth && { integrationName: 'Another' }) }
        const wish = wishOf(next, { deleteReplaced })
        await installed(org.port, wish)
        const steps = await planned(org.port, wish)
        expect(steps.filter(({ does }) => does !== 'unchanged' && does !== 'left')).toEqual([])
      }),
    )
  })

  test('that is cut at any call, before or after it took effect, ends the same when it is run again', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyBundle,
        anyBundle,
        fc.nat({ max: 40 }),
        fc.boolean(),
        async (before, after, calls, lateCut) => {
          const next = { ...after, ...(before.auth !== after.auth && { integrationName: 'Another' }) }
          const [org, plain] = [organization(), organization()]
          for (const each of [org, plain]) await installed(each.port, wishOf(before))
          org.lateCut = lateCut
          org.callsLeft = calls
          await installed(org.port, wishOf(next)).catch(() => undefined)
          org.callsLeft = Infinity
          await installed(org.port, wishOf(next))
          await installed(plain.port, wishOf(next))
          expect(shape(org)).toEqual(shape(plain))
          expect(
            summary(await planned(org.port, wishOf(next))).filter((line) => !/ left /.test(line)),
          ).toEqual([])
        },
      ),
      { numRuns: 300 },
    )
  })
})

test('a carried out step is told as soon as it is done', async () => {
  const org = organization()
  const wish = wishOf(smallBundle())
  const told: string[] = []
  org.accidents.push({ call: 'createAction', status: 403, message: 'no' })
  const work = { port: org.port, wish, secret: SECRET, clock: movedClock() }
  const run = carryOutInstall(await planned(org.port, wish), work, ({ part }) => told.push(part))
  await expect(run).rejects.toMatchObject({ status: 403 })
  expect(told).toEqual(['integration', 'credential', 'config', 'state'])
})
