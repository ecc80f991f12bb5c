import platformClient from 'purecloud-platform-client-v2'
import { GenesysError } from './genesys-error.ts'
import {
  readAction,
  readConfig,
  readCredential,
  readIntegration,
  readListedAction,
} from './integration-answers.ts'
import type {
  ActionChange,
  ActionDraft,
  CredentialDraft,
  Find,
  IntegrationConfig,
} from './integrations-port.ts'
import { PAGE_SIZE, readPage } from './page.ts'
import { withRetry } from './retry-policy.ts'
import type { RetryClock } from './retry-policy.ts'
import { openSdk } from './sdk-session.ts'
import type { SdkAnswer, SessionOptions } from './sdk-session.ts'

export interface IntegrationsClientOptions extends SessionOptions {
  readonly clock: RetryClock
  /** The longest that one call takes with all its attempts, in milliseconds. Default 60000. */
  readonly callMs?: number
}

type IntegrationsApi = InstanceType<typeof platformClient.IntegrationsApi>
type Request = (api: IntegrationsApi) => Promise<unknown>
const DEFAULT_CALL_MS = 60_000
const ATTEMPTS = 5
const INTEGRATION = 'integrations:integration'
const ACTION = 'integrations:action'

/**
 * The platform's integrations through the official SDK's IntegrationsApi. Each call tries again what is transient; one that
 * creates looks for what a lost answer may have made before it is sent again. All reject with GenesysError; one that is
 * `forbidden` names the permission that is missing.
 */
export function integrationsClient(options: IntegrationsClientOptions) {
  const { send, create, remove, list } = calls(options)
  const template = (id: string) => async (uri: string, kind: 'template' | 'schema') => {
    const file = decodeURIComponent(uri.split('?')[0]?.split('/').at(-1) ?? '')
    if (kind === 'template')
      return (await send(`${ACTION}:view`, (api) => api.getIntegrationsActionTemplate(id, file))).text
    return (await send(`${ACTION}:view`, (api) => api.getIntegrationsActionSchema(id, file))).body
  }
  return {
    listIntegrations: async () =>
      (await list(`${INTEGRATION}:view`, (api, page) => api.getIntegrations(page))).map(readIntegration),
    createIntegration: (
      draft: { readonly name: string; readonly typeId: string },
      find: Find<Integration>,
    ) => {
      const body = { name: draft.name, integrationType: { id: draft.typeId } }
      return create(`${INTEGRATION}:add`, (api) => api.postIntegrations({ body }), readIntegration, find)
    },
    readIntegration: async (id: string) =>
      readIntegration((await send(`${INTEGRATION}:view`, (api) => api.getIntegration(id))).body),
    enableIntegration: async (id: string) => {
      const body = { intendedState: 'ENABLED' }
      await send(`${INTEGRATION}:edit`, (api) => api.patchIntegration(id, { body }))
    },
    deleteIntegration: (id: string) => remove(`${INTEGRATION}:delete`, (api) => api.deleteIntegration(id)),
    readConfig: async (id: string) =>
      readConfig((await send(`${INTEGRATION}:view`, (api) => api.getIntegrationConfigCurrent(id))).body),
    writeConfig: async (id: string, { credentials, ...config }: IntegrationConfig) => {
      const bound = Object.entries(credentials).map(([key, credential]) => [key, { id: credential }])
      const body = { ...config, credentials: Object.fromEntries(bound) as Record<string, { id: string }> }
      await send(`${INTEGRATION}:edit`, (api) => api.putIntegrationConfigCurrent(id, { body }))
    },
    listCredentials: async () =>
      (await list(`${INTEGRATION}:view`, (api, page) => api.getIntegrationsCredentials(page))).map(
        readCredential,
      ),
    createCredential: (draft: CredentialDraft, find: Find<Credential>) => {
      const body = credentialBody(draft)
      return create(
        `${INTEGRATION}:add`,
        (api) => api.postIntegrationsCredentials({ body }),
        readCredential,
        find,
      )
    },
    updateCredential: async (id: string, draft: CredentialDraft) => {
      const body = { id, ...credentialBody(draft) }
      await send(`${INTEGRATION}:edit`, (api) => api.putIntegrationsCredential(id, { body }))
    },
    deleteCredential: (id: string) =>
      remove(`${INTEGRATION}:delete`, (api) => api.deleteIntegrationsCredential(id)),
    listActions: async (integrationId: string) => {
      // The API filters by category, which can be another one than the integration's name.
      const all = await list(`${ACTION}:view`, (api, page) => api.getIntegrationsActions(page))
      return all.map(readListedAction).filter((each) => each.integrationId === integrationId)
    },
    readAction: async (id: string) => {
      const query = { expand: 'contract', includeConfig: true }
      const request: Request = (api) => api.getIntegrationsAction(id, query)
      const answer = await send(`${ACTION}:view`, request).catch(noneIfMissing)
      return answer && readAction(answer.body, template(id))
    },
    createAction: (draft: ActionDraft, find: Find<ListedAction>) =>
      create(
        `${ACTION}:add`,
        (api) => api.postIntegrationsActions(draft as ActionPost),
        readListedAction,
        find,
      ),
    updateAction: async (id: string, change: ActionChange) => {
      await send(`${ACTION}:edit`, (api) => api.patchIntegrationsAction(id, change))
    },
    deleteAction: (id: string) => remove(`${ACTION}:delete`, (api) => api.deleteIntegrationsAction(id)),
  }
}

type Integration = ReturnType<typeof readIntegration>
type Credential = ReturnType<typeof readCredential>
type ListedAction = ReturnType<typeof readListedAction>
/** The SDK's type of a contract names the members of a schema one by one; a schema has more. */
type ActionPost = Parameters<IntegrationsApi['postIntegrationsActions']>[0]

function calls({ clock, callMs = DEFAULT_CALL_MS, ...session }: IntegrationsClientOptions) {
  const run = openSdk(session)
  const within = () => ({ maxAttempts: ATTEMPTS, deadline: clock.now() + callMs })
  const once = (request: Request) => (timeoutMs: number) =>
    run(timeoutMs, (sdk) => request(new platformClient.IntegrationsApi(sdk)))

  const send = (permission: string, request: Request): Promise<SdkAnswer> =>
    withRetry(once(request), clock, within()).catch(namePermission(permission))

  const create = async <T>(
    permission: string,
    request: Request,
    read: (body: unknown) => T,
    recover: Find<T>,
  ): Promise<T> => {
    const call = async (timeoutMs: number): Promise<T> => read((await once(request)(timeoutMs)).body)
    return withRetry(call, clock, { ...within(), recover }).catch(namePermission(permission))
  }
  const remove = async (permission: string, request: Request): Promise<void> => {
    await send(permission, request).catch(noneIfMissing)
  }
  const list = async (
    permission: string,
    request: (api: IntegrationsApi, page: { pageSize: number; pageNumber: number }) => Promise<unknown>,
  ): Promise<readonly unknown[]> => {
    const found: unknown[] = []
    for (let pageNumber = 1; ; pageNumber++) {
      const query = { pageSize: PAGE_SIZE, pageNumber }
      const page = readPage((await send(permission, (api) => request(api, query))).body, pageNumber)
      found.push(...page.entities)
      if (page.isLast) return found
    }
  }
  return { send, create, remove, list }
}

function credentialBody({ name, type, fields }: CredentialDraft) {
  return { name, type: { name: type }, credentialFields: { ...fields } }
}

function noneIfMissing(error: unknown): undefined {
  if (error instanceof GenesysError && error.code === 'not-found') return undefined
  throw error
}

function namePermission(permission: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof GenesysError) || error.code !== 'forbidden') throw error
    const { message, status, correlationId, outcome } = error
    throw new GenesysError('forbidden', `${message}; a role of the OAuth client has to hold ${permission}`, {
      outcome,
      cause: error,
      ...(status !== undefined && { status }),
      ...(correlationId !== undefined && { correlationId }),
    })
  }
}
