import { startSandbox } from '../../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../../sandbox/start-sandbox.ts'
import { call, login } from '../sandbox-caller.ts'
import {
  actionBody,
  enabledIntegration,
  idOf,
  integrationsApi,
  newIntegration,
} from './integrations-caller.ts'
import type { IntegrationsApi } from './integrations-caller.ts'

describe('drafts of data actions in the sandbox', () => {
  let sandbox: Sandbox
  let api: IntegrationsApi

  beforeEach(async () => {
    sandbox = await startSandbox({ rateLimit: false, integrationEnableMs: 0 })
    api = await integrationsApi(sandbox)
  })

  afterEach(() => sandbox.close())

  /** A draft that lacks its URL. */
  async function bareDraft(integrationId: string): Promise<string> {
    const { config, contract } = actionBody(integrationId)
    const answer = await api.postIntegrationsActionsDrafts({
      name: 'Get Filter',
      integrationId,
      category: 'Ledger',
      config: { ...config, request: {} },
      contract,
    })
    return idOf(answer)
  }

  test('an action begins as a draft, is filled in, validated and published', async () => {
    const integrationId = await enabledIntegration(api)
    const id = await bareDraft(integrationId)
    await expect(api.getIntegrationsAction(id)).rejects.toMatchObject({ status: 404 })
    expect(await api.getIntegrationsActionsDrafts()).toMatchObject({ total: 1, entities: [{ id }] })
    expect(await api.getIntegrationsActionDraftValidation(id)).toMatchObject({
      valid: false,
      errors: [{ status: 400, details: [{ fieldName: 'config.request.requestUrlTemplate' }] }],
    })
    await expect(api.postIntegrationsActionDraftPublish(id, { version: 1 })).rejects.toMatchObject({
      status: 400,
      code: 'missing.value',
    })
    const { config, contract } = actionBody(integrationId)
    const changed = await api.patchIntegrationsActionDraft(id, { config, contract, secure: true, version: 1 })
    expect(changed).toMatchObject({ version: 2, secure: true })
    expect(await api.getIntegrationsActionDraftValidation(id)).toEqual({ valid: true, errors: [] })
    expect(await api.postIntegrationsActionDraftPublish(id, { version: 2 })).toMatchObject({ id, version: 1 })
    expect(await api.getIntegrationsAction(id)).toMatchObject({ version: 1, secure: true })
    await expect(api.getIntegrationsActionDraft(id)).rejects.toMatchObject({ status: 404 })
  })

  test('a draft of a published action leaves it alone until it is published, and does not change its contract', async () => {
    const body = actionBody(await enabledIntegration(api))
    const id = idOf(await api.postIntegrationsActions(body))
    expect(await api.postIntegrationsActionDraft(id)).toMatchObject({ id, version: 1 })
    await expect(api.postIntegrationsActionDraft(id)).rejects.toMatchObject({ status: 409 })
    await api.patchIntegrationsActionDraft(id, { name: 'Read Filter', version: 1 })
    expect(await api.getIntegrationsAction(id)).toMatchObject({ name: 'Get Filter', version: 1 })
    await expect(
      api.patchIntegrationsActionDraft(id, { contract: body.contract, version: 2 }),
    ).rejects.toMatchObject({ status: 400, details: [{ fieldName: 'contract' }] })
    await api.postIntegrationsActionDraftPublish(id, { version: 2 })
    expect(await api.getIntegrationsAction(id)).toMatchObject({ name: 'Read Filter', version: 2 })
  })

  test('a draft is changed and published with its latest version only', async () => {
    const id = await bareDraft(await enabledIntegration(api))
    const refused = { status: 400, message: 'Supplied version 2 does not match latest draft version 1' }
    await expect(api.postIntegrationsActionDraftPublish(id, { version: 2 })).rejects.toMatchObject(refused)
    await expect(api.patchIntegrationsActionDraft(id, { name: 'Other', version: 2 })).rejects.toMatchObject(
      refused,
    )
  })

  test('a draft is not published into an integration that is not active', async () => {
    const integrationId = await newIntegration(api)
    const answer = await api.postIntegrationsActionsDrafts(actionBody(integrationId))
    await expect(api.postIntegrationsActionDraftPublish(idOf(answer), { version: 1 })).rejects.toMatchObject({
      status: 400,
      details: [{ fieldName: 'integrationId' }],
    })
  })

  test('a draft that is deleted takes an action along that was never published, and no other', async () => {
    const body = actionBody(await enabledIntegration(api))
    const bare = await bareDraft(body.integrationId)
    await api.deleteIntegrationsActionDraft(bare)
    await expect(api.getIntegrationsActionDraft(bare)).rejects.toMatchObject({ status: 404 })
    const id = idOf(await api.postIntegrationsActions(body))
    await api.postIntegrationsActionDraft(id)
    await api.deleteIntegrationsActionDraft(id)
    expect(await api.getIntegrationsAction(id)).toMatchObject({ id, version: 1 })
    await expect(api.deleteIntegrationsActionDraft(id)).rejects.toMatchObject({ status: 404 })
  })

  test('a name and an integration suffice for a draft', async () => {
    const integrationId = await enabledIntegration(api)
    const body = { name: 'Get Filter', integrationId }
    const token = await login(sandbox)
    expect(await call(sandbox, 'POST', '/api/v2/integrations/actions/drafts', { token, body })).toMatchObject(
      {
        status: 200,
        body: { ...body, category: 'Ledger', version: 1 },
      },
    )
  })

  test('a draft is read in every detail, with its templates and schemas', async () => {
    const body = actionBody(await enabledIntegration(api))
    const id = idOf(await api.postIntegrationsActionsDrafts(body))
    expect(
      await api.getIntegrationsActionDraft(id, { expand: 'contract', includeConfig: true }),
    ).toMatchObject({
      contract: body.contract,
      config: { request: { requestType: 'GET' } },
    })
    expect(await api.getIntegrationsActionDraftTemplate(id, 'successtemplate.vm')).toBe('{"id": ${id}}')
    expect(await api.getIntegrationsActionDraftSchema(id, 'inputschema.json')).toEqual(
      body.contract.input.inputSchema,
    )
  })
})
