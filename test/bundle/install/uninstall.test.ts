import { carryOutUninstall, planUninstall } from '../../../bundle/install/uninstall.ts'
import { installed, wishOf } from './install-run.ts'
import { organization } from './organization.ts'
import type { Organization } from './organization.ts'
import { oauthBundle, smallAction, smallBundle, widened } from './small-bundle.ts'

const bundle = smallBundle()

async function uninstalled(org: Organization, deleteForeign = false): Promise<void> {
  await carryOutUninstall(await planUninstall({ bundle, deleteForeign }, org.port), org.port)
}

async function otherThings(): Promise<Organization> {
  const org = organization()
  await installed(org.port, wishOf({ ...oauthBundle(), integrationName: 'Filter Ledger (test)' }))
  return org
}

const sizes = ({ integrations, credentials, actions }: Organization) => [
  integrations.size,
  credentials.size,
  actions.size,
]

describe('an uninstall', () => {
  test('deletes the integration, its actions, replaced ones too, and its credential; and nothing else', async () => {
    const org = await otherThings()
    const before = sizes(org)
    await installed(org.port, wishOf(bundle))
    const [get = smallAction('Get Filter'), ...rest] = bundle.actions
    await installed(org.port, wishOf({ ...bundle, actions: [widened(get, 'more'), ...rest] }))
    await uninstalled(org)
    expect(sizes(org)).toEqual(before)
    expect([...org.integrations.values()].map(({ name }) => name)).toEqual(['Filter Ledger (test)'])
  })

  test('that was cut at any call is finished by the next', async () => {
    for (let calls = 0; calls < 12; calls++) {
      const org = await otherThings()
      const before = sizes(org)
      await installed(org.port, wishOf(bundle))
      org.callsLeft = calls
      org.lateCut = calls % 2 === 0
      await uninstalled(org).catch(() => undefined)
      org.callsLeft = Infinity
      await uninstalled(org)
      expect(sizes(org)).toEqual(before)
    }
  })

  test('is refused while there are actions that are none of the bundle, unless it is said that they go', async () => {
    const org = organization()
    await installed(org.port, wishOf({ ...bundle, actions: [...bundle.actions, smallAction('Mine')] }))
    const before = sizes(org)
    await expect(uninstalled(org)).rejects.toMatchObject({
      code: 'install-refused',
      message: expect.stringContaining('"Mine" (id-') as unknown,
    })
    expect(sizes(org)).toEqual(before)
    await uninstalled(org, true)
    expect(sizes(org)).toEqual([0, 0, 0])
  })

  test('leaves a credential alone that a person made', async () => {
    const org = organization()
    await installed(org.port, wishOf(bundle))
    for (const [id, draft] of org.credentials) org.credentials.set(id, { ...draft, name: 'Integration-1' })
    await uninstalled(org)
    expect(sizes(org)).toEqual([0, 1, 0])
  })

  test('leaves an integration of another type alone, though it has the name', async () => {
    const org = organization()
    const foreign = {
      id: 'foreign',
      name: bundle.integrationName,
      typeId: 'purecloud-data-actions',
      intendedState: 'ENABLED',
      reportedState: 'ACTIVE',
    }
    org.integrations.set('foreign', foreign)
    await uninstalled(org)
    expect([...org.integrations.keys()]).toEqual(['foreign'])
  })

  test('of what is not there has nothing to do', async () => {
    expect(await planUninstall({ bundle, deleteForeign: false }, organization().port)).toEqual([])
  })
})
