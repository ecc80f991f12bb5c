/** The type of an integration that calls any web service. */
export const INTEGRATION_TYPE = 'custom-rest-actions'
/** Under which an integration of that type has its credential, whatever the credential's type. */
export const CREDENTIAL_KEY = 'basicAuth'

/** The action that fetches a token: made by the platform for an integration with an OAuth credential. */
export function authActionId(integrationId: string): string {
  return `customAuth_-_${integrationId}`
}
