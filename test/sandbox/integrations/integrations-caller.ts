import platformClient from 'purecloud-platform-client-v2'
import type { Models } from 'purecloud-platform-client-v2'
import type { Sandbox } from '../../../sandbox/start-sandbox.ts'
import { sdkFor } from '../sandbox-caller.ts'

export type IntegrationsApi = platformClient.IntegrationsApi

/** The SDK's own client of the integrations, logged in to the sandbox. */
export async function integrationsApi(sandbox: Sandbox): Promise<IntegrationsApi> {
  const client = sdkFor(sandbox)
  await client.loginClientCredentialsGrant(sandbox.clientId, sandbox.clientSecret)
  return new platformClient.IntegrationsApi(client)
}

/** Creates a Web Services integration, enabled, and returns its id. */
export async function enabledIntegration(api: IntegrationsApi, name = 'Ledger'): Promise<string> {
  const id = await newIntegration(api, name)
  await api.patchIntegration(id, { body: { intendedState: 'ENABLED' } })
  return id
}

export async function newIntegration(api: IntegrationsApi, name = 'Ledger'): Promise<string> {
  const created = await api.postIntegrations({
    body: { name, integrationType: { id: 'custom-rest-actions' } },
  })
  return idOf(created)
}

/** Creates a credential of a type and returns its id. */
export async function newCredential(api: IntegrationsApi, type: string): Promise<string> {
  const body = { name: `A ${type}`, type: { name: type }, credentialFields: { apiKey: 'only-a-test' } }
  return idOf(await api.postIntegrationsCredentials({ body }))
}

export async function useCredential(api: IntegrationsApi, id: string, credentialId: string): Promise<void> {
  const config = await api.getIntegrationConfigCurrent(id)
  await api.putIntegrationConfigCurrent(id, {
    body: { ...config, credentials: { basicAuth: { id: credentialId } } },
  })
}

export function idOf({ id }: { readonly id?: string }): string {
  if (id === undefined) throw new TypeError('no id')
  return id
}

/** A body of POST that is well formed. */
export function actionBody(
  integrationId: string,
  changes: Partial<Models.PostActionInput> = {},
): Models.PostActionInput {
  return {
    name: 'Get Filter',
    category: 'Ledger',
    integrationId,
    config: {
      request: {
        requestUrlTemplate: 'https://ledger.example.com/filters/${input.filterId}',
        requestType: 'GET',
        requestTemplate: '${input.rawRequest}',
        headers: { 'x-api-key': '${credentials.apiKey}' },
      },
      response: {
        translationMap: { id: '$.id' },
        translationMapDefaults: { id: '""' },
        successTemplate: '{"id": ${id}}',
      },
    },
    contract: {
      input: { inputSchema: schema({ filterId: { type: 'string' } }) },
      output: { successSchema: schema({ id: { type: 'string' } }) },
    },
    ...changes,
  }
}

export function schema(properties: Readonly<Record<string, object>>): Models.JsonSchemaDocument {
  // The SDK's type takes no boolean here, which draft-04 allows and every export has.
  return { type: 'object', properties, additionalProperties: true as unknown as object }
}
