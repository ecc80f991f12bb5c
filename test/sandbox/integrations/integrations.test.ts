import { startSandbox } from '../../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../../sandbox/start-sandbox.ts'
import { call, login } from '../sandbox-caller.ts'
import {
  enabledIntegration,
  integrationsApi,
  newCredential,
  newIntegration,
  useCredential,
} from './integrations-caller.ts'
import type { IntegrationsApi } from './integrations-caller.ts'

const READER = { id: 'reader', secret: 'reader-secret', scopes: ['integrations:readonly'] }

describe('integrations and credentials of the sandbox', () => {
  let sandbox: Sandbox
  let api: IntegrationsApi

  beforeEach(async () => {
    sandbox = await startSandbox({ clients: [{}, READER], rateLimit: false, integrationEnableMs: 0 })
    api = await integrationsApi(sandbox)
  })

  afterEach(() => sandbox.close())

  test('an integration starts disabled, is enabled, disabled and deleted', async () => {
    const id = await newIntegration(api)
    expect(await api.getIntegration(id)).toMatchObject({
      name: 'Ledger',
      integrationType: { id: 'custom-rest-actions' },
      intendedState: 'DISABLED',
      reportedState: { code: 'INACTIVE' },
      selfUri: `/api/v2/integrations/${id}`,
    })
    const enabled = await api.patchIntegration(id, { body: { intendedState: 'ENABLED' } })
    expect(enabled).toMatchObject({ intendedState: 'ENABLED', reportedState: { code: 'ACTIVE' } })
    const disabled = await api.patchIntegration(id, { body: { intendedState: 'DISABLED' } })
    expect(disabled).toMatchObject({ reportedState: { code: 'INACTIVE' } })
    expect(await api.deleteIntegration(id)).toMatchObject({ id, intendedState: 'DELETED' })
    await expect(api.getIntegration(id)).rejects.toMatchObject({ status: 404, code: 'not.found' })
  })

  test('an integration deleted by its intended state is gone', async () => {
    const id = await newIntegration(api)
    await api.patchIntegration(id, { body: { intendedState: 'DELETED' } })
    expect(await api.getIntegrations()).toMatchObject({ total: 0 })
  })

  test('integrations come in pages, with their configuration when asked', async () => {
    for (const name of ['one', 'two', 'three']) await newIntegration(api, name)
    const page = await api.getIntegrations({ pageSize: 2, pageNumber: 2, expand: ['config.current'] })
    expect(page).toMatchObject({
      total: 3,
      pageCount: 2,
      entities: [{ name: 'three', config: { current: { version: 1, credentials: {} } } }],
    })
    expect((await api.getIntegrations()).entities?.[0]).not.toHaveProperty('config')
  })

  test.each([
    ['without a name', { integrationType: { id: 'custom-rest-actions' } }, 'name'],
    ['without a type', { name: 'Ledger' }, 'integrationType'],
    ['of an unknown type', { name: 'Ledger', integrationType: { id: 'fax' } }, 'integrationType.id'],
  ])('an integration %s is refused with 400', async (_title, body, fieldName) => {
    const token = await login(sandbox)
    const answer = await call(sandbox, 'POST', '/api/v2/integrations', { token, body })
    expect(answer).toMatchObject({ status: 400, body: { details: [{ fieldName }] } })
  })

  test('a state that does not exist is refused with 400', async () => {
    const id = await newIntegration(api)
    const asleep = api.patchIntegration(id, { body: { intendedState: 'ASLEEP' } })
    await expect(asleep).rejects.toMatchObject({ status: 400, details: [{ fieldName: 'intendedState' }] })
  })

  test('a required credential that is missing shows in the reported state', async () => {
    const body = { name: 'Platform', integrationType: { id: 'purecloud-data-actions' } }
    const { id = '' } = await api.postIntegrations({ body })
    const enabled = await api.patchIntegration(id, { body: { intendedState: 'ENABLED' } })
    expect(enabled).toMatchObject({ reportedState: { code: 'ERROR' } })
  })

  test('a configuration is replaced with the current version only', async () => {
    const id = await newIntegration(api)
    const credential = await newCredential(api, 'userDefined')
    const config = await api.getIntegrationConfigCurrent(id)
    const body = {
      ...config,
      name: 'Renamed',
      notes: 'hello',
      credentials: { basicAuth: { id: credential } },
    }
    expect(await api.putIntegrationConfigCurrent(id, { body })).toMatchObject({
      version: 2,
      notes: 'hello',
      credentials: { basicAuth: { id: credential, type: { id: 'userDefined' } } },
    })
    expect(await api.getIntegration(id)).toMatchObject({ name: 'Renamed', notes: 'hello' })
    await expect(api.putIntegrationConfigCurrent(id, { body })).rejects.toMatchObject({
      status: 409,
      code: 'version.mismatch',
      message: 'Supplied version 1 does not match latest version 2',
    })
  })

  test('a configuration without one of its members, or with a credential that does not fit, is refused', async () => {
    const id = await newIntegration(api)
    const token = await login(sandbox)
    const path = `/api/v2/integrations/${id}/config/current`
    const { body } = await call(sandbox, 'PUT', path, { token, body: {} })
    expect(body).toMatchObject({ status: 400, code: 'missing.value' })
    const names = ['version', 'notes', 'name', 'properties', 'advanced', 'credentials']
    expect(body).toMatchObject({ details: names.map((fieldName) => ({ fieldName })) })
    const config = await api.getIntegrationConfigCurrent(id)
    const put = (credentials: Record<string, { id: string }>) =>
      api.putIntegrationConfigCurrent(id, { body: { ...config, credentials } })
    await expect(put({ basicAuth: { id: 'nowhere' } })).rejects.toMatchObject({
      details: [{ fieldName: 'credentials.basicAuth.id' }],
    })
    await expect(put({ userDefined: { id: 'nowhere' } })).rejects.toMatchObject({
      details: [{ fieldName: 'credentials.userDefined' }],
    })
    const foreign = await api.postIntegrationsCredentials({
      body: { type: { id: 'pureCloudOAuthClient' }, credentialFields: { clientId: 'a', clientSecret: 'b' } },
    })
    await expect(put({ basicAuth: { id: foreign.id ?? '' } })).rejects.toMatchObject({
      details: [{ fieldName: 'credentials.basicAuth' }],
    })
  })

  test('the types tell which credentials fit', async () => {
    const type = await api.getIntegrationsType('custom-rest-actions')
    expect(type.credentials).toMatchObject({
      basicAuth: { credentialTypes: ['basicAuth', 'userDefined', 'userDefinedOAuth'] },
    })
    expect(await api.getIntegrationsTypes()).toMatchObject({ total: 2 })
    const types = await api.getIntegrationsCredentialsTypes()
    expect(types).toContainEqual(
      expect.objectContaining({ id: 'basicAuth', required: ['userName', 'password'] }),
    )
    await expect(api.getIntegrationsType('fax')).rejects.toMatchObject({ status: 404 })
  })

  test('a credential is created, listed, replaced and deleted, and its fields are never answered', async () => {
    const body = { name: 'Key', type: { name: 'userDefined' }, credentialFields: { apiKey: 'do-not-show' } }
    const created = await api.postIntegrationsCredentials({ body })
    const id = created.id ?? ''
    const answers = [
      created,
      await api.getIntegrationsCredential(id),
      await api.getIntegrationsCredentials({ pageSize: 1 }),
      await api.putIntegrationsCredential(id, { body: { ...body, name: 'New key' } }),
    ]
    expect(JSON.stringify(answers)).not.toMatch(/do-not-show|credentialFields/)
    expect(answers[2]).toMatchObject({ total: 1, entities: [{ id, type: { name: 'userDefined' } }] })
    expect(answers[3]).toMatchObject({ id, name: 'New key' })
    await api.deleteIntegrationsCredential(id)
    await expect(api.getIntegrationsCredential(id)).rejects.toMatchObject({ status: 404 })
  })

  test.each([
    ['of an unknown type', { type: { name: 'magic' } }, 'type'],
    ['without a type', { name: 'Key' }, 'type'],
    [
      'without a field its type needs',
      { type: 'basicAuth', credentialFields: { userName: 'x' } },
      'credentialFields.password',
    ],
    [
      'with a field that is no text',
      { type: { id: 'userDefined' }, credentialFields: { apiKey: { hidden: 'do-not-show' } } },
      'credentialFields.apiKey',
    ],
  ])('a credential %s is refused with 400, and nothing of it is quoted', async (_title, body, fieldName) => {
    const token = await login(sandbox)
    const answer = await call(sandbox, 'POST', '/api/v2/integrations/credentials', { token, body })
    expect(answer).toMatchObject({ status: 400, body: { details: [{ fieldName }] } })
    expect(JSON.stringify(answer.body)).not.toContain('do-not-show')
  })

  test('a credential keeps its type, and is not deleted while an integration uses it', async () => {
    const id = await newIntegration(api)
    const credential = await newCredential(api, 'userDefined')
    await useCredential(api, id, credential)
    const other = { type: { id: 'userDefinedOAuth' } }
    await expect(api.putIntegrationsCredential(credential, { body: other })).rejects.toMatchObject({
      status: 400,
      details: [{ fieldName: 'type' }],
    })
    await expect(api.deleteIntegrationsCredential(credential)).rejects.toMatchObject({
      status: 409,
      code: 'general.conflict',
      details: [{ entityId: id }],
    })
    await api.deleteIntegration(id)
    await api.deleteIntegrationsCredential(credential)
  })

  test('a read-only scope reads, and does not write', async () => {
    await enabledIntegration(api)
    const token = await login(sandbox, READER.id, READER.secret)
    expect((await call(sandbox, 'GET', '/api/v2/integrations', { token })).status).toBe(200)
    const body = { name: 'Ledger', integrationType: { id: 'custom-rest-actions' } }
    expect(await call(sandbox, 'POST', '/api/v2/integrations', { token, body })).toMatchObject({
      status: 403,
      body: { code: 'missing.permissions', messageParams: { scopes: 'integrations' } },
    })
  })

  test('a fault on demand strikes these routes too', async () => {
    sandbox.addFault({
      match: { method: 'POST', path: '/api/v2/integrations' },
      applied: true,
      fault: { kind: 'status', status: 503 },
    })
    await expect(newIntegration(api)).rejects.toMatchObject({ status: 503, code: 'service.unavailable' })
    expect(await api.getIntegrations()).toMatchObject({ total: 1 })
  })
})
