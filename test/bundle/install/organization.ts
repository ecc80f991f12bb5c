import { INTEGRATION_TYPE, authActionId } from '../../../bundle/definition/web-services.ts'
import type {
  CredentialDraft,
  InstalledAction,
  InstalledIntegration,
  IntegrationConfig,
  IntegrationsPort,
} from '../../../actions/genesys/integrations-port.ts'

/** What a call was refused with. */
export class Refusal extends Error {
  readonly status: number | undefined

  constructor(status: number | undefined, message: string) {
    super(message)
    this.status = status
  }
}

/** How the next call of a name ends; `applied`: it takes effect before that. */
export interface Accident {
  readonly call: keyof IntegrationsPort
  readonly status: number | undefined
  readonly applied?: boolean
  readonly message?: string
}

export interface Organization {
  readonly port: IntegrationsPort
  readonly integrations: Map<string, InstalledIntegration>
  readonly configs: Map<string, IntegrationConfig>
  readonly credentials: Map<string, CredentialDraft>
  readonly actions: Map<string, InstalledAction>
  /** Every write so far, by the name of its call. */
  readonly writes: readonly string[]
  readonly accidents: Accident[]
  /** No call succeeds after so many; those that write take effect when `lateCut` is set. */
  callsLeft: number
  lateCut: boolean
}

/** An organization in memory, with versions as the platform keeps them. It stands in for the platform alone. */
export function organization(): Organization {
  const writes: string[] = []
  let nextId = 1
  const newId = (): string => `id-${String(nextId++).padStart(4, '0')}`
  const org: Organization = {
    integrations: new Map(),
    configs: new Map(),
    credentials: new Map(),
    actions: new Map(),
    writes,
    accidents: [],
    callsLeft: Infinity,
    lateCut: false,
    port: undefined as never,
  }
  const call = <T>(name: keyof IntegrationsPort, effect: () => T): Promise<T> => {
    const isWrite = !/^(list|read)/.test(name)
    const at = org.accidents.findIndex((each) => each.call === name)
    const [accident] = at < 0 ? [] : org.accidents.splice(at, 1)
    const isCut = org.callsLeft-- <= 0
    if ((accident && !accident.applied) || (isCut && !org.lateCut))
      return Promise.reject(new Refusal(accident?.status, accident?.message ?? 'an accident'))
    try {
      const result = effect()
      if (isWrite) writes.push(name)
      if (accident || isCut) throw new Refusal(accident?.status, accident?.message ?? 'an accident')
      return Promise.resolve(result)
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }
  const create = async <T>(
    name: keyof IntegrationsPort,
    effect: () => T,
    find: () => Promise<T | undefined>,
  ): Promise<T> => {
    try {
      return await call(name, effect)
    } catch (error) {
      // As the port promises: a lost answer is looked for before the call is sent again.
      if (error instanceof Refusal && error.status !== undefined) throw error
      return (await find()) ?? call(name, effect)
    }
  }
  const own = <T>(map: ReadonlyMap<string, T>, id: string): T => {
    const found = map.get(id)
    if (found === undefined) throw new Refusal(404, `there is no ${id}`)
    return found
  }
  const port: IntegrationsPort = {
    listIntegrations: () => call('listIntegrations', () => [...org.integrations.values()]),
    createIntegration: ({ name, typeId }, find) =>
      create(
        'createIntegration',
        () => {
          const id = newId()
          const made = { id, name, typeId, intendedState: 'DISABLED', reportedState: undefined }
          org.integrations.set(id, made)
          org.configs.set(id, { name, version: 1, properties: {}, advanced: {}, notes: '', credentials: {} })
          return made
        },
        find,
      ),
    readIntegration: (id) => call('readIntegration', () => own(org.integrations, id)),
    enableIntegration: (id) =>
      call('enableIntegration', () => {
        org.integrations.set(id, {
          ...own(org.integrations, id),
          intendedState: 'ENABLED',
          reportedState: 'ACTIVE',
        })
      }),
    deleteIntegration: (id) =>
      call('deleteIntegration', () => {
        org.integrations.delete(id)
        org.configs.delete(id)
        org.actions.delete(authActionId(id))
      }),
    readConfig: (id) => call('readConfig', () => own(org.configs, id)),
    writeConfig: (id, config) =>
      call('writeConfig', () => {
        requireVersion(own(org.configs, id).version, config.version)
        org.configs.set(id, { ...config, version: config.version + 1 })
        org.integrations.set(id, { ...own(org.integrations, id), name: config.name })
        const credential = org.credentials.get(config.credentials['basicAuth'] ?? '')
        const hasAuth = org.actions.has(authActionId(id))
        if (credential?.type === 'userDefinedOAuth' && !hasAuth)
          org.actions.set(authActionId(id), authAction(id))
      }),
    listCredentials: () =>
      call('listCredentials', () => [...org.credentials].map(([id, { name, type }]) => ({ id, name, type }))),
    createCredential: (draft, find) =>
      create(
        'createCredential',
        () => {
          const id = newId()
          org.credentials.set(id, draft)
          return { id, name: draft.name, type: draft.type }
        },
        find,
      ),
    updateCredential: (id, draft) =>
      call('updateCredential', () => {
        own(org.credentials, id)
        org.credentials.set(id, draft)
      }),
    deleteCredential: (id) => call('deleteCredential', () => void org.credentials.delete(id)),
    listActions: (integrationId) =>
      call('listActions', () =>
        [...org.actions.values()].filter(
          (each) => each.integrationId === integrationId && !each.id.startsWith('customAuth'),
        ),
      ),
    readAction: (id) => call('readAction', () => org.actions.get(id)),
    createAction: (draft, find) =>
      create(
        'createAction',
        () => {
          const { intendedState } = own(org.integrations, draft.integrationId)
          if (intendedState !== 'ENABLED') throw new Refusal(400, 'the integration is not enabled')
          const made = { ...draft, id: newId(), version: 1 }
          org.actions.set(made.id, made)
          return made
        },
        find,
      ),
    updateAction: (id, { version, ...change }) =>
      call('updateAction', () => {
        const found = own(org.actions, id)
        requireVersion(found.version, version)
        org.actions.set(id, { ...found, ...change, version: version + 1 })
      }),
    deleteAction: (id) => call('deleteAction', () => void org.actions.delete(id)),
  }
  return Object.assign(org, { port })
}

function requireVersion(current: number, given: number): void {
  if (current === given) return
  throw new Refusal(400, `Supplied version ${given} does not match latest version ${current}`)
}

function authAction(integrationId: string): InstalledAction {
  return {
    id: authActionId(integrationId),
    name: 'Auth',
    integrationId,
    category: INTEGRATION_TYPE,
    version: 1,
    secure: false,
    config: { timeoutSeconds: 60 },
    contract: {},
  }
}
