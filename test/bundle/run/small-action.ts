import type { DataAction, RequestConfig, ResponseConfig } from '../../../bundle/definition/data-action.ts'

export interface ActionParts {
  readonly request?: Partial<RequestConfig>
  readonly response?: Partial<ResponseConfig>
  readonly inputs?: Readonly<Record<string, string>>
  readonly required?: readonly string[]
  readonly outputs?: Readonly<Record<string, object>>
}

/** A data action as an author might have it. */
export function smallAction(parts: ActionParts = {}): DataAction {
  const { inputs = { orderId: 'string' }, required = [], outputs = { id: { type: 'string' } } } = parts
  return {
    name: 'Get Order',
    integrationType: 'custom-rest-actions',
    actionType: 'custom',
    config: {
      request: {
        requestUrlTemplate: 'https://shop.example.com/orders/$esc.uriEncode(${input.orderId})',
        requestType: 'GET',
        headers: {},
        requestTemplate: '${input.rawRequest}',
        ...parts.request,
      },
      response: {
        translationMap: { id: '$.order.id' },
        translationMapDefaults: { id: '"none"' },
        successTemplate: '{"id": ${id}}',
        ...parts.response,
      },
    },
    contract: {
      input: {
        inputSchema: {
          type: 'object',
          ...(required.length > 0 && { required }),
          properties: Object.fromEntries(Object.entries(inputs).map(([name, type]) => [name, { type }])),
          additionalProperties: true,
        },
      },
      output: { successSchema: { type: 'object', properties: outputs as never, additionalProperties: true } },
    },
    secure: false,
  }
}

/** How a token is fetched, as an author might have it. */
export const TOKEN_ACTION: DataAction = {
  ...smallAction(),
  name: 'Token',
  actionType: 'customAuth',
  config: {
    request: {
      requestUrlTemplate: '${credentials.loginUrl}',
      requestType: 'POST',
      headers: { Authorization: 'Basic $encoding.base64("${credentials.id}:${credentials.secret}")' },
      requestTemplate: 'grant_type=client_credentials',
    },
    response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
  },
}
