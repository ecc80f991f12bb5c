import type { ActionBundle } from '../../../bundle/definition/data-action.ts'
import { needsSecret } from '../../../bundle/install/plan-install.ts'
import type { InstallWish } from '../../../bundle/install/plan-install.ts'
import { replacedName, replacedOf } from '../../../bundle/install/replaced-name.ts'
import { installed, planned, summary, wishOf } from './install-run.ts'
import { organization } from './organization.ts'
import type { Organization } from './organization.ts'
import { oauthBundle, redirected, smallAction, smallBundle, widened, withHeaders } from './small-bundle.ts'

async function installedOrganization(bundle: ActionBundle = smallBundle()): Promise<Organization> {
  const org = organization()
  await installed(org.port, wishOf(bundle))
  return org
}

const get = smallAction('Get Filter')
const record = smallAction('Record Filter Block')
const API_KEY = { 'x-api-key': '${credentials.apiKey}' }

describe('the plan of an install', () => {
  test('into an empty organization makes everything, in the order that the platform needs', async () => {
    const steps = await planned(organization().port, wishOf(oauthBundle()))
    expect(summary(steps)).toEqual([
      'integration create Filter Ledger',
      'credential create Filter Ledger (clientId, clientSecret)',
      'config update Filter Ledger',
      'state update Filter Ledger',
      'auth-action update Filter Ledger Auth',
      'action create Get Filter',
      'action create Record Filter Block',
    ])
    expect(needsSecret(steps)).toBe(true)
  })

  test.each<[string, ActionBundle]>([
    ['a token', smallBundle()],
    ['an OAuth client', oauthBundle()],
  ])('with %s is empty once it was carried out, and needs no secret', async (_, bundle) => {
    const org = await installedOrganization(bundle)
    const before = org.writes.length
    const steps = await planned(org.port, wishOf(bundle))
    expect(summary(steps)).toEqual([])
    expect(needsSecret(steps)).toBe(false)
    await installed(org.port, wishOf(bundle))
    expect(org.writes).toHaveLength(before)
  })

  const changed: readonly [string, ActionBundle, Partial<InstallWish>, readonly string[]][] = [
    [
      'another address',
      smallBundle({ actions: [redirected(get, 'https://other.example'), record] }),
      {},
      ['action update Get Filter'],
    ],
    [
      'another time-out',
      smallBundle({ timeoutSeconds: 20 }),
      {},
      ['action update Get Filter', 'action update Record Filter Block'],
    ],
    [
      'another contract',
      smallBundle({ actions: [widened(get, 'requestId'), record] }),
      {},
      ['action replace Get Filter', 'action retire Get Filter'],
    ],
    [
      'another contract, and no need for the old one',
      smallBundle({ actions: [widened(get, 'requestId'), record] }),
      { deleteReplaced: true },
      ['action replace Get Filter', 'action delete Get Filter'],
    ],
    [
      'secure for a published action',
      smallBundle({ actions: [{ ...get, secure: true }, record] }),
      {},
      ['action replace Get Filter', 'action retire Get Filter'],
    ],
    ['one action less', smallBundle({ actions: [get] }), {}, ['action left Record Filter Block']],
    [
      'a credential to renew',
      smallBundle(),
      { renewCredential: true },
      ['credential update Filter Ledger (token)'],
    ],
    [
      'another field of the credential',
      smallBundle({
        auth: 'api-key',
        actions: [get, record].map((action) => withHeaders(action, API_KEY)),
      }),
      {},
      [
        'credential update Filter Ledger (apiKey)',
        'action update Get Filter',
        'action update Record Filter Block',
      ],
    ],
  ]
  test.each(changed)('for %s changes that alone', async (_, bundle, wish, expected) => {
    const org = await installedOrganization()
    expect(summary(await planned(org.port, wishOf(bundle, wish)))).toEqual(expected)
    await installed(org.port, wishOf(bundle, wish))
    const again = await planned(org.port, wishOf(bundle, { ...wish, renewCredential: false }))
    expect(summary(again).filter((line) => !line.startsWith('action left'))).toEqual([])
  })

  test('takes what the platform adds to a schema, and the order of its keys, for no change', async () => {
    const org = await installedOrganization()
    for (const [id, action] of org.actions) {
      const inputSchema = {
        additionalProperties: true,
        properties: { filterId: { type: 'string' } },
        required: ['filterId'],
        type: 'object',
      }
      const successSchema = {
        $schema: 'http://json-schema.org/draft-04/schema#',
        properties: { status: { additionalProperties: true, type: 'string' } },
        type: 'object',
      }
      const contract = { output: { successSchema, errorSchema: {} }, input: { inputSchema } }
      org.actions.set(id, { ...action, contract })
    }
    expect(summary(await planned(org.port, wishOf(smallBundle())))).toEqual([])
  })

  test('has a reason that names what differs', async () => {
    const org = await installedOrganization()
    const bundle = smallBundle({
      actions: [widened(get, 'requestId'), redirected(record, 'https://x.example')],
    })
    const steps = await planned(org.port, wishOf(bundle))
    const reasons = steps
      .filter(({ does }) => ['replace', 'update'].includes(does))
      .map(({ reason }) => reason)
    expect(reasons).toEqual([
      'what is published differs in input requestId',
      'differs in request.requestUrlTemplate',
    ])
  })

  test('enables what is disabled, and binds a credential that is gone anew', async () => {
    const org = await installedOrganization()
    for (const [id, integration] of org.integrations)
      org.integrations.set(id, { ...integration, intendedState: 'DISABLED' })
    org.credentials.clear()
    const expected = [
      'credential create Filter Ledger (token)',
      'config update Filter Ledger',
      'state update Filter Ledger',
    ]
    expect(summary(await planned(org.port, wishOf(smallBundle())))).toEqual(expected)
  })

  test('leaves a credential alone that a person made, whatever its name', async () => {
    const org = await installedOrganization()
    for (const [id, draft] of org.credentials) org.credentials.set(id, { ...draft, name: 'Integration-1' })
    expect(summary(await planned(org.port, wishOf(smallBundle())))).toEqual([])
  })

  test('names replaced actions that still stand, and deletes them when it is said', async () => {
    const org = await installedOrganization()
    const bundle = smallBundle({ actions: [widened(get, 'requestId'), record] })
    await installed(org.port, wishOf(bundle))
    const again = await planned(org.port, wishOf(bundle))
    expect(summary(again)).toEqual(['action left Get Filter (replaced 2026-11-26)'])
    await installed(org.port, wishOf(bundle, { deleteReplaced: true }))
    expect([...org.actions.values()].map(({ name }) => name).sort()).toEqual([
      'Get Filter',
      'Record Filter Block',
    ])
  })

  test('gives a name of its own to each of two that are replaced on one day', async () => {
    const org = await installedOrganization()
    for (const input of ['one', 'two'])
      await installed(org.port, wishOf(smallBundle({ actions: [widened(get, input), record] })))
    expect([...org.actions.values()].map(({ name }) => name).sort()).toEqual([
      'Get Filter',
      'Get Filter (replaced 2026-11-26)',
      'Get Filter (replaced 2026-11-26, 2)',
      'Record Filter Block',
    ])
  })
})

describe('an install is refused', () => {
  const foreign = (org: Organization, typeId: string): void => {
    org.integrations.set('foreign', {
      id: 'foreign',
      name: 'Filter Ledger',
      typeId,
      intendedState: 'ENABLED',
      reportedState: 'ACTIVE',
    })
  }

  test.each<[string, string, string]>([
    ['another type', 'purecloud-data-actions', 'is of the type purecloud-data-actions'],
    ['the same type', 'custom-rest-actions', 'several integrations "Filter Ledger"'],
  ])('when the name stands for an integration of %s beside its own', async (_, typeId, message) => {
    const org = await installedOrganization()
    foreign(org, typeId)
    await expect(planned(org.port, wishOf(smallBundle()))).rejects.toMatchObject({
      code: 'install-refused',
      message: expect.stringContaining(message),
    })
  })

  test.each<[string, ActionBundle, string]>([
    ['two actions of one name', smallBundle({ actions: [get, get] }), 'two actions'],
    [
      'actions that read no field of the credential',
      smallBundle({ actions: [withHeaders(get, {})] }),
      'these read: none',
    ],
    [
      'actions that read two fields',
      smallBundle({ actions: [get, withHeaders(record, API_KEY)] }),
      'these read: apiKey, token',
    ],
    [
      'oauth without an auth action',
      smallBundle({ auth: 'oauth', actions: [withHeaders(get, {})] }),
      'no auth action',
    ],
  ])('for a bundle with %s', async (_, bundle, message) => {
    await expect(planned(organization().port, wishOf(bundle))).rejects.toMatchObject({
      code: 'install-refused',
      message: expect.stringContaining(message),
    })
  })

  test("when the credential's type would change under published actions", async () => {
    const org = await installedOrganization()
    await expect(planned(org.port, wishOf(oauthBundle()))).rejects.toMatchObject({
      code: 'install-refused',
      message: expect.stringContaining('type userDefined, and oauth needs userDefinedOAuth'),
    })
  })
})

test('the name of a replaced action is no longer than a name may be, and is still known as that', () => {
  const name = '😀'.repeat(128)
  const kept = replacedName(name, '2026-11-26', [])
  expect(kept.length).toBeLessThanOrEqual(256)
  expect(kept).toMatch(/^(😀)+ \(replaced 2026-11-26\)$/u)
  expect(replacedOf(kept, ['Get Filter', name])).toBe(name)
  expect(replacedOf(name, [name])).toBeUndefined()
})
