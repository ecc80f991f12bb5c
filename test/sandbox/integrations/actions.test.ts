import { startSandbox } from '../../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../../sandbox/start-sandbox.ts'
import { call, login } from '../sandbox-caller.ts'
import {
  actionBody,
  enabledIntegration,
  idOf,
  integrationsApi,
  newCredential,
  newIntegration,
  schema,
  useCredential,
} from './integrations-caller.ts'
import type { IntegrationsApi } from './integrations-caller.ts'

const ACTIONS = '/api/v2/integrations/actions'

describe('data actions of the sandbox', () => {
  let sandbox: Sandbox
  let api: IntegrationsApi
  let clock: Date

  beforeEach(async () => {
    clock = new Date('2026-03-01T12:00:00Z')
    sandbox = await startSandbox({ rateLimit: false, now: () => clock })
    api = await integrationsApi(sandbox)
  })

  afterEach(() => sandbox.close())

  async function activeIntegration(): Promise<string> {
    const id = await enabledIntegration(api)
    clock = new Date(clock.getTime() + 50)
    return id
  }

  test('an action is refused with 400 until its integration is active', async () => {
    const id = await newIntegration(api)
    const refused = { status: 400, code: 'bad.request', details: [{ fieldName: 'integrationId' }] }
    await expect(api.postIntegrationsActions(actionBody(id))).rejects.toMatchObject(refused)
    await api.patchIntegration(id, { body: { intendedState: 'ENABLED' } })
    expect(await api.getIntegration(id)).toMatchObject({ reportedState: { code: 'ACTIVATING' } })
    await expect(api.postIntegrationsActions(actionBody(id))).rejects.toMatchObject(refused)
    clock = new Date(clock.getTime() + 50)
    expect(await api.postIntegrationsActions(actionBody(id))).toMatchObject({ version: 1 })
  })

  test('an action is created, read in every detail, changed and deleted', async () => {
    const integrationId = await activeIntegration()
    const body = actionBody(integrationId)
    const id = idOf(await api.postIntegrationsActions(body))
    expect(id).toMatch(/^custom_-_[0-9a-f-]{36}$/)
    const plain = await api.getIntegrationsAction(id)
    expect(plain).not.toHaveProperty('config')
    expect(plain.contract?.input).toEqual({ inputSchemaUri: `${ACTIONS}/${id}/schemas/inputschema.json` })
    const whole = await api.getIntegrationsAction(id, { expand: 'contract', includeConfig: true })
    expect(whole).toMatchObject({
      name: 'Get Filter',
      category: 'Ledger',
      integrationId,
      secure: false,
      config: {
        request: { requestType: 'GET', requestTemplateUri: `${ACTIONS}/${id}/templates/requesttemplate.vm` },
        response: { translationMap: { id: '$.id' }, translationMapDefaults: { id: '""' } },
      },
      contract: body.contract,
    })
    const config = { ...body.config, timeoutSeconds: 5 }
    const changed = await api.patchIntegrationsAction(id, { name: 'Read Filter', config, version: 1 })
    expect(changed).toMatchObject({ version: 2, name: 'Read Filter', config: { timeoutSeconds: 5 } })
    await api.deleteIntegrationsAction(id)
    await expect(api.getIntegrationsAction(id)).rejects.toMatchObject({ status: 404, code: 'not.found' })
  })

  test('templates and schemas are files of their own', async () => {
    const body = actionBody(await activeIntegration())
    const id = idOf(await api.postIntegrationsActions(body))
    expect(await api.getIntegrationsActionTemplate(id, 'requesttemplate.vm')).toBe('${input.rawRequest}')
    expect(await api.getIntegrationsActionTemplate(id, 'successtemplate.vm')).toBe('{"id": ${id}}')
    expect(await api.getIntegrationsActionSchema(id, 'inputschema.json')).toEqual(
      body.contract.input.inputSchema,
    )
    expect(await api.getIntegrationsActionSchema(id, 'successschema.json')).toEqual(
      body.contract.output.successSchema,
    )
    await expect(api.getIntegrationsActionTemplate(id, 'other.vm')).rejects.toMatchObject({ status: 404 })
    await expect(api.getIntegrationsActionSchema(id, 'other.json')).rejects.toMatchObject({ status: 404 })
  })

  test('a flattened contract joins names with dots, and makes a list of what lies in a list', async () => {
    const nested = schema({
      filter: { type: 'object', properties: { id: { type: 'string' } } },
      entities: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } },
    })
    const { contract, ...body } = actionBody(await activeIntegration())
    const output = { successSchema: nested }
    const id = idOf(await api.postIntegrationsActions({ ...body, contract: { ...contract, output } }))
    const flat = await api.getIntegrationsAction(id, { expand: 'contract', flatten: true })
    expect(flat.contract?.output).not.toHaveProperty('successSchema')
    expect(flat.contract?.output?.successSchemaFlattened).toMatchObject({
      properties: {
        'filter.id': { type: 'string' },
        'entities.id': { type: 'array', items: { type: 'string' } },
      },
    })
  })

  test('actions come in pages, by category and by a part of the name', async () => {
    const id = await activeIntegration()
    for (const name of ['Get Filter', 'Get Deployment', 'Remove Filter']) {
      const category = name === 'Remove Filter' ? 'Other' : 'Ledger'
      await api.postIntegrationsActions(actionBody(id, { name, category }))
    }
    expect(await api.getIntegrationsActions({ pageSize: 2 })).toMatchObject({ total: 3, pageCount: 2 })
    const named = await api.getIntegrationsActions({ name: 'filter' })
    expect(named.entities?.map(({ name }) => name)).toEqual(['Get Filter', 'Remove Filter'])
    expect(await api.getIntegrationsActions({ category: 'Other' })).toMatchObject({ total: 1 })
    expect(await api.getIntegrationsActionsCategories()).toMatchObject({
      entities: [{ name: 'Ledger' }, { name: 'Other' }],
    })
  })

  test('a change with another version, or of what is frozen, is refused', async () => {
    const body = actionBody(await activeIntegration())
    const id = idOf(await api.postIntegrationsActions(body))
    await expect(api.patchIntegrationsAction(id, { name: 'Other', version: 2 })).rejects.toMatchObject({
      status: 400,
      message: 'Supplied version 2 does not match latest version 1',
    })
    const frozen = { version: 1, contract: body.contract, secure: true }
    await expect(api.patchIntegrationsAction(id, frozen)).rejects.toMatchObject({
      status: 400,
      details: [{ fieldName: 'contract' }, { fieldName: 'secure' }],
    })
    const token = await login(sandbox)
    expect(
      await call(sandbox, 'PATCH', `${ACTIONS}/${id}`, { token, body: { name: 'Other' } }),
    ).toMatchObject({
      status: 400,
      body: { code: 'missing.value', details: [{ fieldName: 'version' }] },
    })
    expect(await api.getIntegrationsAction(id)).toMatchObject({ version: 1, name: 'Get Filter' })
  })

  test.each([
    [
      'an object',
      { filter: { type: 'object' } },
      /properties\/type instance value \("object"\) not found in enum/,
    ],
    ['a list', { list: { type: 'array' } }, /instance value \("array"\) not found in enum/],
    ['a name with a dot', { 'filter.id': { type: 'string' } }, /not allowed by the schema: \["filter.id"\]/],
    ['a property without a type', { filter: {} }, /instance value \(null\) not found in enum/],
  ])('an input with %s is refused in the words of the platform', async (_title, properties, reason) => {
    const { contract, ...body } = actionBody(await activeIntegration())
    const input = { inputSchema: schema(properties) }
    const rejected: unknown = await api
      .postIntegrationsActions({ ...body, contract: { ...contract, input } })
      .catch((error: unknown) => error)
    expect(rejected).toMatchObject({ status: 400, details: [{ fieldName: 'contract.input.inputSchema' }] })
    expect(rejected).toMatchObject({ message: expect.stringMatching(reason) })
    expect(rejected).toMatchObject({
      message: expect.stringMatching(
        /^Failed Validation of contract.input.inputSchema as a simple properties/,
      ),
    })
  })

  const lists = { type: 'array', items: { type: 'array', items: { type: 'string' } } }
  test.each([
    ['nested lists', { output: { successSchema: schema({ rows: lists }) } }, 'contract.output.successSchema'],
    [
      'a reference',
      { output: { successSchema: { type: 'object', $ref: '#/x' } } },
      'contract.output.successSchema',
    ],
    ['no output', { output: undefined }, 'contract.output'],
    ['an input that is a list', { input: [] }, 'contract.input'],
  ])('a contract with %s is refused with 400', async (_title, changes, fieldName) => {
    const { contract, ...rest } = actionBody(await activeIntegration())
    const body = { ...rest, contract: { ...contract, ...changes } }
    const answer = await call(sandbox, 'POST', ACTIONS, { token: await login(sandbox), body })
    expect(answer).toMatchObject({ status: 400 })
    expect(JSON.stringify(answer.body)).toContain(`"fieldName":"${fieldName}"`)
  })

  test.each([
    ['no URL', { request: { requestType: 'GET' } }, 'config.request.requestUrlTemplate'],
    ['a method of its own', { request: { requestType: 'FETCH' } }, 'config.request.requestType'],
    ['a header that is no text', { request: { headers: { a: 1 } } }, 'config.request.headers.a'],
    ['a map that is a list', { response: { translationMap: [] } }, 'config.response.translationMap'],
    ['a patience of 61 s', { timeoutSeconds: 61 }, 'config.timeoutSeconds'],
    ['text in its place', 'none', 'config'],
  ])('a configuration with %s is refused with 400', async (_title, config, fieldName) => {
    const body = { ...actionBody(await activeIntegration()), config }
    const answer = await call(sandbox, 'POST', ACTIONS, { token: await login(sandbox), body })
    expect(answer).toMatchObject({ status: 400, body: { details: [{ fieldName }] } })
  })

  test('an action of an unknown integration, and a body nested without end, are refused with 400', async () => {
    const token = await login(sandbox)
    const orphan = await call(sandbox, 'POST', ACTIONS, { token, body: actionBody('nowhere') })
    expect(orphan).toMatchObject({ status: 400, body: { details: [{ fieldName: 'integrationId' }] } })
    const text = `{"contract":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
    expect(await call(sandbox, 'POST', ACTIONS, { token, text })).toMatchObject({
      status: 400,
      body: { code: 'bad.request' },
    })
  })

  test('members nobody asked for are tolerated', async () => {
    const body = { ...actionBody(await activeIntegration()), actionType: 'custom', colour: 'red' }
    expect(await call(sandbox, 'POST', ACTIONS, { token: await login(sandbox), body })).toMatchObject({
      status: 200,
    })
  })

  test('an action is kept, not run: execution and test answer 501', async () => {
    const id = idOf(await api.postIntegrationsActions(actionBody(await activeIntegration())))
    const refused = { status: 501, code: 'not.implemented' }
    await expect(api.postIntegrationsActionExecute(id, {})).rejects.toMatchObject(refused)
    await expect(api.postIntegrationsActionTest(id, {})).rejects.toMatchObject(refused)
    await expect(api.postIntegrationsActionDraftTest(id, {})).rejects.toMatchObject(refused)
  })

  test('actions go with their integration', async () => {
    const integrationId = await activeIntegration()
    await api.postIntegrationsActions(actionBody(integrationId))
    await api.deleteIntegration(integrationId)
    expect(await api.getIntegrationsActions()).toMatchObject({ total: 0 })
  })

  describe('the auth action', () => {
    const config = {
      request: { requestUrlTemplate: 'https://ledger.example.com/oauth/token', requestType: 'POST' },
    }

    async function withAuthAction(): Promise<string> {
      const id = await activeIntegration()
      await useCredential(api, id, await newCredential(api, 'userDefinedOAuth'))
      return `customAuth_-_${id}`
    }

    test('comes with a userDefinedOAuth credential, is listed when asked for, and goes with it', async () => {
      const id = await withAuthAction()
      expect(await api.getIntegrationsAction(id)).toMatchObject({ id, version: 1 })
      expect(await api.getIntegrationsActions()).toMatchObject({ total: 0 })
      const listed = await api.getIntegrationsActions({ includeAuthActions: 'true' })
      expect(listed).toMatchObject({ total: 1, entities: [{ id }] })
      const integrationId = id.slice('customAuth_-_'.length)
      await useCredential(api, integrationId, await newCredential(api, 'userDefined'))
      await expect(api.getIntegrationsAction(id)).rejects.toMatchObject({ status: 404 })
    })

    test('has its configuration changed, directly and by a draft', async () => {
      const id = await withAuthAction()
      expect(await api.patchIntegrationsAction(id, { config, version: 1 })).toMatchObject({ version: 2 })
      await api.postIntegrationsActionDraft(id)
      await api.patchIntegrationsActionDraft(id, { config, version: 1 })
      expect(await api.postIntegrationsActionDraftPublish(id, { version: 2 })).toMatchObject({ version: 3 })
    })

    test('is not deleted, and takes neither a contract nor a patience', async () => {
      const id = await withAuthAction()
      await expect(api.deleteIntegrationsAction(id)).rejects.toMatchObject({ status: 400 })
      const { contract } = actionBody('any')
      const frozen = { config, contract, version: 1 }
      await expect(api.patchIntegrationsAction(id, frozen)).rejects.toMatchObject({
        status: 400,
        details: [{ fieldName: 'contract' }],
      })
      const patient = { config: { ...config, timeoutSeconds: 5 }, version: 1 }
      await expect(api.patchIntegrationsAction(id, patient)).rejects.toMatchObject({
        status: 400,
        details: [{ fieldName: 'config.timeoutSeconds' }],
      })
    })
  })
})
