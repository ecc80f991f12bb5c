/** Any JSON value. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [member: string]: JsonValue }

export type JsonMembers = Readonly<Record<string, JsonValue>>

export type RequestType = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'

/** How the request is made: every text is a Velocity template. */
export interface RequestConfig {
  /** Absent: a function data action, whose service sets it. */
  readonly requestUrlTemplate?: string
  readonly requestType: RequestType
  readonly headers: Readonly<Record<string, string>>
  readonly requestTemplate: string
}

/** How an answer becomes the action's result. */
export interface ResponseConfig {
  /** Variable name to JSONPath. */
  readonly translationMap: Readonly<Record<string, string>>
  /** Variable name to JSON text, for a path that leads nowhere. */
  readonly translationMapDefaults: Readonly<Record<string, string>>
  /** A Velocity template that renders to JSON. */
  readonly successTemplate: string
}

/**
 * A data action in the form that Genesys Cloud exports and imports (`*.custom.json`). The order of the members is that of
 * a UI export.
 */
export interface DataAction {
  readonly name: string
  readonly integrationType: string
  readonly actionType: 'custom' | 'customAuth' | 'static'
  readonly config: { readonly request: RequestConfig; readonly response: ResponseConfig }
  readonly contract: {
    /** JSON schema, draft-04: an object of scalars. */
    readonly input: { readonly inputSchema: JsonMembers }
    /** JSON schema, draft-04. */
    readonly output: { readonly successSchema: JsonMembers }
  }
  readonly secure: boolean
}

/** How the actions prove who they are to the receiver. */
export type BundleAuth = 'bearer' | 'api-key' | 'oauth'

/** What is installed together: one integration and its actions. */
export interface ActionBundle {
  /** The integration's name; the actions' category, by convention. */
  readonly integrationName: string
  /** Where the receiver answers, without a slash at the end. */
  readonly baseUrl: string
  readonly auth: BundleAuth
  readonly actions: readonly DataAction[]
  /** For `oauth`: how a token is fetched. */
  readonly authAction?: DataAction
  /** How long the platform waits for an answer, in seconds (1 to 60). In no export: the API and Terraform set it. */
  readonly timeoutSeconds: number
}
