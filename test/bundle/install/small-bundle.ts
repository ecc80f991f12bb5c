import type { ActionBundle, DataAction } from '../../../bundle/definition/data-action.ts'

/** An action with one input and one output; `changes` are laid over it. */
export function smallAction(name: string, changes: Partial<DataAction> = {}): DataAction {
  return {
    name,
    integrationType: 'custom-rest-actions',
    actionType: 'custom',
    config: {
      request: {
        requestUrlTemplate: 'https://receiver.example/v1/filters/$esc.url(${input.filterId})',
        requestType: 'GET',
        headers: { Authorization: 'Bearer ${credentials.token}' },
        requestTemplate: '${input.rawRequest}',
      },
      response: {
        translationMap: { status: '$.status' },
        translationMapDefaults: { status: '""' },
        successTemplate: '{"status": ${status}}',
      },
    },
    contract: {
      input: {
        inputSchema: {
          $schema: 'http://json-schema.org/draft-04/schema#',
          type: 'object',
          required: ['filterId'],
          properties: { filterId: { type: 'string' } },
          additionalProperties: true,
        },
      },
      output: {
        successSchema: {
          type: 'object',
          properties: { status: { type: 'string' } },
          additionalProperties: true,
        },
      },
    },
    secure: false,
    ...changes,
  }
}

/** The action with one more input: another contract. */
export function widened(action: DataAction, input: string): DataAction {
  const { inputSchema } = action.contract.input
  const properties = { ...(inputSchema['properties'] as object), [input]: { type: 'string' } }
  return {
    ...action,
    contract: { ...action.contract, input: { inputSchema: { ...inputSchema, properties } } },
  }
}

/** The action that asks another place: another configuration. */
export function redirected(action: DataAction, requestUrlTemplate: string): DataAction {
  const { request, response } = action.config
  return { ...action, config: { request: { ...request, requestUrlTemplate }, response } }
}

/** The action with the header that the way of proving who it is needs. */
export function withHeaders(action: DataAction, headers: Readonly<Record<string, string>>): DataAction {
  const { request, response } = action.config
  return { ...action, config: { request: { ...request, headers }, response } }
}

export function smallBundle(changes: Partial<ActionBundle> = {}): ActionBundle {
  return {
    integrationName: 'Filter Ledger',
    baseUrl: 'https://receiver.example',
    auth: 'bearer',
    actions: [smallAction('Get Filter'), smallAction('Record Filter Block')],
    timeoutSeconds: 10,
    ...changes,
  }
}

/** The same two actions, with a token that an auth action fetches. */
export function oauthBundle(): ActionBundle {
  const headers = { Authorization: '${authResponse.token_type} ${authResponse.access_token}' }
  const { actions } = smallBundle()
  const authAction = smallAction('Filter Ledger Auth', {
    actionType: 'customAuth',
    config: {
      request: {
        requestUrlTemplate: 'https://receiver.example/oauth/token',
        requestType: 'POST',
        headers: {
          Authorization: 'Basic $encoding.base64("${credentials.clientId}:${credentials.clientSecret}")',
          'Content-Type': 'application/x-www-form-urlencoded',
        },
        requestTemplate: 'grant_type=client_credentials',
      },
      response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
    },
  })
  return smallBundle({
    auth: 'oauth',
    authAction,
    actions: actions.map((each) => withHeaders(each, headers)),
  })
}
