/** A credential. Its fields are checked and forgotten: nothing here ever runs an action. */
export interface StoredCredential {
  readonly id: string
  readonly name: string
  /** `basicAuth` for example. */
  readonly typeId: string
  /** RFC 3339, UTC. */
  readonly createdDate: string
  readonly modifiedDate: string
}

/** What `PUT /config/current` replaces. */
export interface StoredConfig {
  readonly version: number
  readonly properties: Readonly<Record<string, unknown>>
  readonly advanced: Readonly<Record<string, unknown>>
  readonly notes: string
  /** Ids of credentials, by the key of the integration's type. */
  readonly credentials: ReadonlyMap<string, string>
}

export type IntendedState = 'ENABLED' | 'DISABLED'

export interface StoredIntegration {
  readonly id: string
  readonly name: string
  readonly typeId: string
  readonly intendedState: IntendedState
  /** When the intended state last changed. */
  readonly changedAt: Date
  readonly config: StoredConfig
}

export interface RequestConfig {
  readonly requestUrlTemplate: string
  readonly requestTemplate: string
  readonly requestType: string
  readonly headers: Readonly<Record<string, string>>
}

export interface ResponseConfig {
  readonly translationMap: Readonly<Record<string, string>>
  readonly translationMapDefaults: Readonly<Record<string, string>>
  readonly successTemplate: string
}

export interface ActionConfig {
  /** 1 to 60. */
  readonly timeoutSeconds?: number
  readonly request: RequestConfig
  readonly response: ResponseConfig
}

export type JsonSchema = Readonly<Record<string, unknown>>

export interface ActionContract {
  readonly inputSchema: JsonSchema
  readonly successSchema: JsonSchema
}

/** An action's content: of its published version or of its draft. */
export interface ActionContent {
  readonly name: string
  readonly category: string
  readonly secure: boolean
  readonly config: ActionConfig
  readonly contract: ActionContract
  /** The published version and the draft count each for itself, from 1. */
  readonly version: number
}

export interface StoredAction {
  /** `custom_-_<uuid>`, or `customAuth_-_<id of the integration>`. */
  readonly id: string
  readonly integrationId: string
  /** Absent: never published. */
  readonly published?: ActionContent
  readonly draft?: ActionContent
}

/** The integrations of the organisation, in memory. */
export interface IntegrationsState {
  readonly integrations: Map<string, StoredIntegration>
  readonly credentials: Map<string, StoredCredential>
  readonly actions: Map<string, StoredAction>
}

/** What the handlers of the integrations work on. */
export interface IntegrationsContext {
  readonly state: IntegrationsState
  readonly now: () => Date
  readonly uuid: () => string
  /** From ENABLED until an integration is active, in milliseconds. */
  readonly enableMs: number
}

export const INTEGRATIONS = '/api/v2/integrations'
export const ACTIONS = `${INTEGRATIONS}/actions`
export const CREDENTIALS = `${INTEGRATIONS}/credentials`

export function emptyIntegrations(): IntegrationsState {
  return { integrations: new Map(), credentials: new Map(), actions: new Map() }
}
