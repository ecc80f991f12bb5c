import { emptyValue } from '../../actions/contract/empty-answer.ts'
import type { ActionBundle, BundleAuth, DataAction, RequestConfig } from '../definition/data-action.ts'
import { INTEGRATION_TYPE } from '../definition/web-services.ts'
import type { ActionSource } from './action-source.ts'
import { inputSchema, successSchema } from './contract-schemas.ts'

export interface BuildOptions {
  /** Where the receiver answers; without a slash at the end. */
  readonly baseUrl: string
  readonly auth: BundleAuth
  readonly integrationName: string
  /** 1 to 60 seconds. */
  readonly timeoutSeconds: number
}

/** The members of the credential that each way needs; what they hold is given when the bundle is installed. */
export const CREDENTIAL_FIELDS: Readonly<Record<BundleAuth, readonly string[]>> = {
  bearer: ['token'],
  'api-key': ['apiKey'],
  oauth: ['clientId', 'clientSecret'],
}

/** Makes the bundle of all actions. Pure: the same sources and options give the same bundle. */
export function buildBundle(sources: readonly ActionSource[], options: BuildOptions): ActionBundle {
  const actions = sources.map((source) => dataAction(source, options))
  const authAction = options.auth === 'oauth' ? { authAction: tokenAction(options) } : {}
  return { ...options, actions, ...authAction }
}

function dataAction(source: ActionSource, { baseUrl, auth }: BuildOptions): DataAction {
  const { title, contract, method, path } = source
  const outputs = Object.entries(contract.output)
  return {
    name: title,
    integrationType: INTEGRATION_TYPE,
    actionType: 'custom',
    config: {
      request: {
        requestUrlTemplate: baseUrl + path,
        requestType: method,
        headers: { 'Content-Type': 'application/json', ...CREDENTIAL_HEADERS[auth] },
        // The whole input as JSON: whatever a text holds it stays one, and what was not set is not sent.
        requestTemplate: '${input.rawRequest}',
      },
      response: {
        translationMap: Object.fromEntries(outputs.map(([name]) => [name, `$.${name}`])),
        // JSON texts: a receiver that is older than the action has not every member.
        translationMapDefaults: Object.fromEntries(
          outputs.map(([name, field]) => [name, JSON.stringify(emptyValue(field))]),
        ),
        successTemplate: `{${outputs.map(([name]) => `"${name}": \${${name}}`).join(', ')}}`,
      },
    },
    contract: {
      input: { inputSchema: inputSchema(title, contract) },
      output: { successSchema: successSchema(title, contract) },
    },
    secure: false,
  }
}

const CREDENTIAL_HEADERS: Readonly<Record<BundleAuth, RequestConfig['headers']>> = {
  bearer: { Authorization: 'Bearer ${credentials.token}' },
  'api-key': { 'x-api-key': '${credentials.apiKey}' },
  oauth: { Authorization: '${authResponse.token_type} ${authResponse.access_token}' },
}

/** How the platform fetches a token (RFC 6749 §4.4). Its contract is fixed by the platform. */
function tokenAction({ baseUrl, integrationName }: BuildOptions): DataAction {
  const schema = { $schema: 'http://json-schema.org/draft-04/schema#', type: 'object', properties: {} }
  return {
    name: `${integrationName} Token`,
    integrationType: INTEGRATION_TYPE,
    actionType: 'customAuth',
    config: {
      request: {
        requestUrlTemplate: `${baseUrl}/oauth/token`,
        requestType: 'POST',
        headers: {
          'Content-Type': 'application/x-www-form-urlencoded',
          Authorization: 'Basic $encoding.base64("${credentials.clientId}:${credentials.clientSecret}")',
        },
        requestTemplate: 'grant_type=client_credentials',
      },
      response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
    },
    contract: {
      input: { inputSchema: { ...schema, title: 'Auth Input' } },
      output: { successSchema: { ...schema, additionalProperties: true } },
    },
    secure: false,
  }
}

/** The name of an action's file, as an export of the UI has it but for the time. */
export function fileNameOf({ name, actionType }: Pick<DataAction, 'name' | 'actionType'>): string {
  const extension = actionType === 'customAuth' ? 'customAuth' : 'custom'
  return `${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}.${extension}.json`
}
