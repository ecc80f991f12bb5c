/** An integration of the organization. */
export interface InstalledIntegration {
  readonly id: string
  readonly name: string
  readonly typeId: string
  /** What was asked for: `ENABLED`, `DISABLED`, `DELETED`. */
  readonly intendedState: string
  /** What it is: `ACTIVE`, `ACTIVATING`, `INACTIVE`, `ERROR`. Undefined: the platform has not said. */
  readonly reportedState: string | undefined
}

/** An integration's configuration. Its version is that of the last change: a write has to name it. */
export interface IntegrationConfig {
  readonly name: string
  readonly version: number
  readonly properties: object
  readonly advanced: object
  readonly notes: string
  /** Key of the integration's type to the id of a credential. */
  readonly credentials: Readonly<Record<string, string>>
}

/** A credential without its fields: they cannot be read back. */
export interface InstalledCredential {
  readonly id: string
  readonly name: string
  /** `userDefined`, for example. */
  readonly type: string
}

export interface CredentialDraft {
  readonly name: string
  readonly type: string
  readonly fields: Readonly<Record<string, string>>
}

/** What a list tells of an action. */
export interface ListedAction {
  readonly id: string
  readonly name: string
  readonly integrationId: string
}

/** An action with its published definition, as the platform answers it. */
export interface InstalledAction extends ListedAction {
  readonly category: string
  readonly version: number
  readonly secure: boolean
  /** Templates that the platform keeps beside the action stand in their places. */
  readonly config: unknown
  readonly contract: unknown
}

export interface ActionDraft {
  readonly integrationId: string
  readonly category: string
  readonly name: string
  readonly config: object
  readonly contract: object
  readonly secure: boolean
}

/** What of a published action can be changed. */
export interface ActionChange {
  readonly version: number
  readonly name?: string
  readonly category?: string
  readonly config?: object
}

/** Looks whether a call whose answer was lost took effect. Asked before the call is sent again. */
export type Find<T> = () => Promise<T | undefined>

/**
 * The calls of the platform's IntegrationsApi that installing needs. Each tries again by itself what is transient; lists
 * read every page. What it rejects with has a `status` when the platform answered, and a message that can be shown.
 */
export interface IntegrationsPort {
  /** Of every type. */
  readonly listIntegrations: () => Promise<readonly InstalledIntegration[]>
  readonly createIntegration: (
    draft: { readonly name: string; readonly typeId: string },
    find: Find<InstalledIntegration>,
  ) => Promise<InstalledIntegration>
  readonly readIntegration: (id: string) => Promise<InstalledIntegration>
  readonly enableIntegration: (id: string) => Promise<void>
  /** Resolves too when it is gone. So do the other deletions. */
  readonly deleteIntegration: (id: string) => Promise<void>
  readonly readConfig: (integrationId: string) => Promise<IntegrationConfig>
  readonly writeConfig: (integrationId: string, config: IntegrationConfig) => Promise<void>
  readonly listCredentials: () => Promise<readonly InstalledCredential[]>
  readonly createCredential: (
    draft: CredentialDraft,
    find: Find<InstalledCredential>,
  ) => Promise<InstalledCredential>
  readonly updateCredential: (id: string, draft: CredentialDraft) => Promise<void>
  readonly deleteCredential: (id: string) => Promise<void>
  /** Without the auth action. */
  readonly listActions: (integrationId: string) => Promise<readonly ListedAction[]>
  /** Undefined: there is none. */
  readonly readAction: (id: string) => Promise<InstalledAction | undefined>
  readonly createAction: (draft: ActionDraft, find: Find<ListedAction>) => Promise<ListedAction>
  readonly updateAction: (id: string, change: ActionChange) => Promise<void>
  readonly deleteAction: (id: string) => Promise<void>
}
