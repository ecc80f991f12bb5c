import type { ActionBundle } from '../../../bundle/definition/data-action.ts'
import { carryOutUninstall, planUninstall } from '../../../bundle/install/uninstall.ts'
import type { Fault } from '../../../sandbox/faults.ts'
import { installed, planned, summary, wishOf } from './install-run.ts'
import { sandboxOrganization } from './sandbox-organization.ts'
import type { SandboxOrganization } from './sandbox-organization.ts'
import { oauthBundle, redirected, smallAction, smallBundle, widened } from './small-bundle.ts'

const opened: SandboxOrganization[] = []

async function organization(
  options?: Parameters<typeof sandboxOrganization>[0],
): Promise<SandboxOrganization> {
  const made = await sandboxOrganization(options)
  opened.push(made)
  return made
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ sandbox }) => sandbox.close()))
})

const INTEGRATIONS = '/api/v2/integrations'
const ACTIONS = `${INTEGRATIONS}/actions`
const CONFIG = `${INTEGRATIONS}/*/config/current`
const get = smallAction('Get Filter')
const record = smallAction('Record Filter Block')

/** Everything in the organization by name, each with how often it is there. */
async function contents({ port }: SandboxOrganization) {
  const integrations = await port.listIntegrations()
  const [own] = integrations
  const actions = own ? await port.listActions(own.id) : []
  const definitions = await Promise.all(actions.map(({ id }) => port.readAction(id)))
  return {
    integrations: integrations.map(({ name, intendedState, reportedState }) => [
      name,
      intendedState,
      reportedState,
    ]),
    credentials: (await port.listCredentials()).map(({ name, type }) => [name, type]),
    actions: definitions
      .map((each) => ({ ...each, id: undefined, integrationId: undefined, version: undefined }))
      .sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1)),
  }
}

describe('an install through the official SDK', () => {
  test.each<[string, ActionBundle]>([
    ['a token', smallBundle()],
    ['an OAuth client', oauthBundle()],
  ])('with %s leaves nothing to do, and the second time writes nothing', async (_, bundle) => {
    const org = await organization()
    await installed(org.port, wishOf(bundle), org.clock)
    const before = org.writes.length
    expect(before).toBeGreaterThan(0)
    expect(summary(await planned(org.port, wishOf(bundle)))).toEqual([])
    await installed(org.port, wishOf(bundle), org.clock)
    expect(org.writes).toHaveLength(before)
  })

  test('changes what changed: a configuration keeps its id, a contract gets a new one', async () => {
    const org = await organization()
    const first = await installed(org.port, wishOf(smallBundle()), org.clock)
    const idOf = (name: string) => first.lines.find((line) => line.name === name)?.id
    const bundle = smallBundle({
      actions: [redirected(get, 'https://other.example'), widened(record, 'more')],
    })
    const { replaced, lines } = await installed(org.port, wishOf(bundle), org.clock)
    expect(lines.find(({ name }) => name === 'Get Filter')).toMatchObject({
      does: 'update',
      id: idOf('Get Filter'),
    })
    expect(replaced).toEqual([
      {
        name: 'Record Filter Block',
        oldId: idOf('Record Filter Block'),
        newId: lines.find(({ does }) => does === 'replace')?.id,
        keptAs: 'Record Filter Block (replaced 2026-11-26)',
      },
    ])
    const old = await org.port.readAction(idOf('Record Filter Block') ?? '')
    expect(old?.name).toBe('Record Filter Block (replaced 2026-11-26)')
    await installed(org.port, wishOf(bundle, { deleteReplaced: true }), org.clock)
    expect(await org.port.readAction(idOf('Record Filter Block') ?? '')).toBeUndefined()
    expect(summary(await planned(org.port, wishOf(bundle)))).toEqual([])
  })

  test('finds its own among more integrations, credentials and actions than a page holds', async () => {
    const org = await organization({})
    const none = () => Promise.resolve(undefined)
    for (let i = 0; i < 101; i++) {
      const name = `Other ${i}`
      await org.port.createIntegration({ name, typeId: 'custom-rest-actions' }, none)
      await org.port.createCredential({ name, type: 'userDefined', fields: { a: 'b' } }, none)
    }
    await installed(org.port, wishOf(smallBundle()), org.clock)
    const before = org.writes.length
    await installed(org.port, wishOf(smallBundle()), org.clock)
    expect(org.writes).toHaveLength(before)
  })

  test('is refused where the name stands for an integration of another type, and writes nothing', async () => {
    const org = await organization()
    const draft = { name: 'Filter Ledger', typeId: 'purecloud-data-actions' }
    await org.port.createIntegration(draft, () => Promise.resolve(undefined))
    const before = org.writes.length
    await expect(installed(org.port, wishOf(smallBundle()), org.clock)).rejects.toMatchObject({
      code: 'install-refused',
    })
    expect(org.writes).toHaveLength(before)
  })

  test('takes back all that it made, and nothing else', async () => {
    const org = await organization()
    await installed(org.port, wishOf({ ...smallBundle(), integrationName: 'Another' }), org.clock)
    const before = await contents(org)
    for (const bundle of [smallBundle(), smallBundle({ actions: [widened(get, 'more'), record] })])
      await installed(org.port, wishOf(bundle), org.clock)
    const wish = { bundle: smallBundle(), deleteForeign: false }
    await carryOutUninstall(await planUninstall(wish, org.port), org.port)
    expect(await contents(org)).toEqual(before)
    expect(await planUninstall(wish, org.port)).toEqual([])
  })

  test('names the permission that is missing', async () => {
    const org = await organization()
    const fault = { kind: 'status', status: 403, code: 'missing.permissions' } as const
    org.sandbox.addFault({ match: { method: 'POST', path: INTEGRATIONS }, fault })
    await expect(installed(org.port, wishOf(smallBundle()), org.clock)).rejects.toMatchObject({
      code: 'forbidden',
      status: 403,
      message: expect.stringContaining('has to hold integrations:integration:add'),
    })
  })
})

/** Each request that an install writes with. */
const WRITES: readonly (readonly [string, Fault['match']])[] = [
  ['the new integration', { method: 'POST', path: INTEGRATIONS }],
  ['the new credential', { method: 'POST', path: `${INTEGRATIONS}/credentials` }],
  ['the configuration', { method: 'PUT', path: CONFIG }],
  ['enabling', { method: 'PATCH', path: `${INTEGRATIONS}/*` }],
  ['the auth action', { method: 'PATCH', path: `${ACTIONS}/customAuth*` }],
  ['a new action', { method: 'POST', path: ACTIONS }],
]
/** How it ends: once, so that the run gets over it; or for good, so that the next one has to. */
const ENDS: readonly (readonly [string, Omit<Fault, 'match'>])[] = [
  ['a 500 before it took effect', { fault: { kind: 'status', status: 500 } }],
  ['a 500 after it took effect', { applied: true, fault: { kind: 'status', status: 500 } }],
  ['a lost answer', { applied: true, fault: { kind: 'reset' } }],
  ['a lost request', { fault: { kind: 'reset' } }],
  ['a 429', { fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' } } }],
  ['a version mismatch', { fault: { kind: 'status', status: 409, code: 'version.mismatch' } }],
  ['five 503', { times: 5, fault: { kind: 'status', status: 503 } }],
  ['five lost answers', { times: 5, applied: true, fault: { kind: 'reset' } }],
  ['a refusal', { fault: { kind: 'status', status: 403 } }],
]

describe('an install that is disturbed', () => {
  test.each(WRITES)(
    'at %s ends as an undisturbed one does, at once or when it is run again',
    async (_, match) => {
      const bundle = oauthBundle()
      const plain = await organization()
      await installed(plain.port, wishOf(bundle), plain.clock)
      const expected = await contents(plain)
      for (const [name, end] of ENDS) {
        const org = await organization()
        org.sandbox.addFault({ match, ...end })
        const first = await installed(org.port, wishOf(bundle), org.clock).then(
          () => 'whole',
          () => 'cut',
        )
        org.sandbox.clearFaults()
        await installed(org.port, wishOf(bundle), org.clock)
        expect([name, await contents(org)]).toEqual([name, expected])
        const isMild = !/five|refusal|mismatch/.test(name)
        if (isMild) expect([name, first]).toEqual([name, 'whole'])
        await org.sandbox.close()
      }
    },
    120_000,
  )

  test('waits while the integration is not active yet', async () => {
    const org = await organization({ integrationEnableMs: 100 })
    await installed(org.port, wishOf(smallBundle()), org.clock)
    expect((await contents(org)).integrations).toEqual([['Filter Ledger', 'ENABLED', 'ACTIVE']])
  })

  test('tries an action again that the platform refuses right after enabling', async () => {
    const org = await organization()
    const fault = { kind: 'status', status: 400, message: 'The integration is not enabled.' } as const
    org.sandbox.addFault({ match: { method: 'POST', path: ACTIONS }, times: 3, fault })
    await installed(org.port, wishOf(smallBundle()), org.clock)
    expect((await contents(org)).actions).toHaveLength(2)
  })

  test('gets over a version that somebody else was faster with, in an update of an action', async () => {
    const org = await organization()
    await installed(org.port, wishOf(smallBundle()), org.clock)
    const message = 'Supplied version 1 does not match latest version 2'
    const fault = { kind: 'status', status: 400, code: 'bad.request', message } as const
    org.sandbox.addFault({ match: { method: 'PATCH', path: `${ACTIONS}/*` }, times: 2, fault })
    const bundle = smallBundle({ timeoutSeconds: 20 })
    await installed(org.port, wishOf(bundle), org.clock)
    expect(summary(await planned(org.port, wishOf(bundle)))).toEqual([])
  })
})
