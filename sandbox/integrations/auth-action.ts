import type { IntegrationsState, StoredAction, StoredIntegration } from './integration-state.ts'

const PREFIX = 'customAuth_-_'

export function isAuthAction({ id }: Pick<StoredAction, 'id'>): boolean {
  return id.startsWith(PREFIX)
}

/** The auth action comes by itself with a `userDefinedOAuth` credential, and goes with it. */
export function keepAuthAction(
  { credentials, actions }: IntegrationsState,
  integration: StoredIntegration,
): void {
  const id = PREFIX + integration.id
  const wanted = [...integration.config.credentials.values()].some(
    (credentialId) => credentials.get(credentialId)?.typeId === 'userDefinedOAuth',
  )
  if (!wanted) actions.delete(id)
  else if (!actions.has(id)) actions.set(id, newAuthAction(id, integration))
}

function newAuthAction(id: string, { id: integrationId, name }: StoredIntegration): StoredAction {
  return {
    id,
    integrationId,
    published: {
      name: 'Custom Auth',
      category: name,
      secure: false,
      version: 1,
      config: {
        request: {
          requestUrlTemplate: '',
          requestTemplate: '${input.rawRequest}',
          requestType: 'POST',
          headers: {},
        },
        response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
      },
      contract: {
        inputSchema: { title: 'Auth Input', type: 'object', properties: {}, additionalProperties: true },
        successSchema: { type: 'object', properties: {}, additionalProperties: true },
      },
    },
  }
}
