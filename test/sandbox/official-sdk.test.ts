import { startSandbox } from '../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import {
  callSdk,
  filterPayload,
  FILTERS,
  member,
  sdkFor,
  SUBSCRIPTIONS,
  subscriptionPayload,
  textMember,
} from './sandbox-caller.ts'
import type { SdkClient } from './sandbox-caller.ts'

describe('the official SDK against the sandbox', () => {
  let sandbox: Sandbox
  let client: SdkClient

  beforeAll(async () => {
    sandbox = await startSandbox({ maxEnabledFilters: 200, maxPriority: 500, rateLimit: false })
    client = sdkFor(sandbox)
    await client.loginClientCredentialsGrant(sandbox.clientId, sandbox.clientSecret)
  })

  afterAll(() => sandbox.close())

  test('a login yields a token with the expiry the SDK computes', async () => {
    const fresh = sdkFor(sandbox)
    const before = Date.now()
    const auth = await fresh.loginClientCredentialsGrant(sandbox.clientId, sandbox.clientSecret)
    expect(auth.accessToken).toMatch(/^[\w-]{40,}$/)
    expect(auth.tokenExpiryTime).toBeGreaterThanOrEqual(before + 86_400_000)
  })

  test('a login with a wrong secret is rejected with 401 invalid_client', async () => {
    const rejected = sdkFor(sandbox).loginClientCredentialsGrant(sandbox.clientId, 'wrong')
    await expect(rejected).rejects.toMatchObject({
      response: { status: 401, data: { error: 'invalid_client', description: 'authentication failed' } },
    })
  })

  test('the organisation names itself a sandbox', async () => {
    const answer = await callSdk(client, 'GET', '/api/v2/organizations/me')
    expect(answer).toMatchObject({ id: sandbox.organizationId })
    expect(textMember(answer, 'name')).toMatch(/sandbox/)
  })

  test('a token tells whose it is, and what it may do', async () => {
    const answer = await callSdk(client, 'GET', '/api/v2/tokens/me')
    expect(answer).toMatchObject({
      organization: { id: sandbox.organizationId },
      OAuthClient: { id: sandbox.clientId },
      authorizedScope: expect.arrayContaining(['ai:llm-gateway:read', 'webhook:write']),
    })
  })

  test('a filter is created, read, replaced and deleted', async () => {
    const created = await callSdk(client, 'POST', FILTERS, filterPayload('guard', { priority: 499 }))
    const id = textMember(created, 'id')
    expect(created).toMatchObject({
      ...filterPayload('guard', { priority: 499 }),
      version: 1,
      selfUri: `${FILTERS}/${id}`,
    })
    expect(await callSdk(client, 'GET', `${FILTERS}/${id}`)).toEqual(created)

    const replaced = await callSdk(client, 'PUT', `${FILTERS}/${id}`, {
      ...filterPayload('guard'),
      enabled: false,
    })
    expect(replaced).toMatchObject({ id, version: 2, enabled: false, priority: 499 })
    expect(member(replaced, 'dateCreated')).toBe(member(created, 'dateCreated'))

    await callSdk(client, 'DELETE', `${FILTERS}/${id}`)
    await expect(callSdk(client, 'GET', `${FILTERS}/${id}`)).rejects.toMatchObject({
      status: 404,
      code: 'not.found',
    })
  })

  test('what was read can be sent back as it is', async () => {
    const created = await callSdk(client, 'POST', FILTERS, filterPayload('round-trip'))
    const path = textMember(created, 'selfUri')
    expect(await callSdk(client, 'PUT', path, created)).toMatchObject({ version: 2 })
    await callSdk(client, 'DELETE', path)
  })

  test('a subscription is created, read, replaced and deleted', async () => {
    const payload = subscriptionPayload('https://compliance.example.com/webhooks/genesys')
    const created = await callSdk(client, 'POST', SUBSCRIPTIONS, payload)
    expect(created).toMatchObject({ ...payload, version: 1 })
    const path = textMember(created, 'selfUri')
    expect(await callSdk(client, 'GET', SUBSCRIPTIONS)).toMatchObject({ total: 1, entities: [created] })
    const changed = { ...payload, enabled: false }
    expect(await callSdk(client, 'PUT', path, changed)).toMatchObject({ version: 2, enabled: false })
    await callSdk(client, 'DELETE', path)
    await expect(callSdk(client, 'GET', path)).rejects.toMatchObject({ status: 404, code: 'not.found' })
  })

  test('more than a hundred filters come in pages that join without a gap', async () => {
    for (let index = 0; index < 105; index += 1) {
      await callSdk(client, 'POST', FILTERS, filterPayload(`page-${index}`))
    }
    const names: string[] = []
    let uri: string | undefined = `${FILTERS}?pageSize=50`
    while (uri !== undefined) {
      const page: unknown = await callSdk(client, 'GET', uri)
      expect(page).toMatchObject({ total: 105, pageCount: 3, pageSize: 50 })
      const entities = member(page, 'entities')
      if (!Array.isArray(entities)) throw new TypeError('no entities')
      names.push(...entities.map((one) => textMember(one, 'name')))
      const next: unknown = member(page, 'nextUri')
      uri = typeof next === 'string' ? next : undefined
    }
    expect(names).toEqual(Array.from({ length: 105 }, (_, index) => `page-${index}`))
  })

  test('a listing names its neighbours, and a page behind the last is empty', async () => {
    expect(await callSdk(client, 'GET', `${FILTERS}?pageNumber=2`)).toMatchObject({
      pageSize: 25,
      pageNumber: 2,
      pageCount: 5,
      firstUri: `${FILTERS}?pageSize=25&pageNumber=1`,
      selfUri: `${FILTERS}?pageSize=25&pageNumber=2`,
      previousUri: `${FILTERS}?pageSize=25&pageNumber=1`,
      nextUri: `${FILTERS}?pageSize=25&pageNumber=3`,
      lastUri: `${FILTERS}?pageSize=25&pageNumber=5`,
    })
    const behind = await callSdk(client, 'GET', `${FILTERS}?pageNumber=9`)
    expect(behind).toMatchObject({ entities: [], total: 105 })
    expect(behind).not.toHaveProperty('nextUri')
  })
})
