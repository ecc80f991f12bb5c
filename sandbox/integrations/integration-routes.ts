import type { SandboxAnswer } from '../exchange.ts'
import type { ResourceCall } from '../filters.ts'
import type { TokenRoute } from '../route.ts'
import {
  changeAction,
  createAction,
  listActions,
  listCategories,
  readAction,
  refuseExecution,
  removeAction,
} from './actions.ts'
import {
  createCredential,
  listCredentials,
  readCredential,
  removeCredential,
  replaceCredential,
} from './credentials.ts'
import { readConfig, replaceConfig } from './integration-config.ts'
import { ACTIONS, CREDENTIALS, INTEGRATIONS } from './integration-state.ts'
import type { IntegrationsContext } from './integration-state.ts'
import { listCredentialTypes, listTypes, readType } from './integration-types.ts'
import {
  changeIntegration,
  createIntegration,
  listIntegrations,
  readIntegration,
  removeIntegration,
} from './integrations.ts'

type Handler = (context: IntegrationsContext, call: ResourceCall) => SandboxAnswer
type Line = readonly [method: string, path: string, handler: Handler]

const TYPES: readonly Line[] = [
  ['GET', `${INTEGRATIONS}/types`, (_context, call) => listTypes(call)],
  ['GET', `${INTEGRATIONS}/types/{id}`, (_context, call) => readType(call)],
  ['GET', `${CREDENTIALS}/types`, () => listCredentialTypes()],
]

const CREDENTIAL_LINES: readonly Line[] = [
  ['GET', CREDENTIALS, listCredentials],
  ['POST', CREDENTIALS, createCredential],
  ['GET', `${CREDENTIALS}/{id}`, readCredential],
  ['PUT', `${CREDENTIALS}/{id}`, replaceCredential],
  ['DELETE', `${CREDENTIALS}/{id}`, removeCredential],
]

const ACTION_LINES: readonly Line[] = [
  ['GET', ACTIONS, listActions],
  ['POST', ACTIONS, createAction],
  ['GET', `${ACTIONS}/categories`, listCategories],
  ['GET', `${ACTIONS}/{id}`, readAction],
  ['PATCH', `${ACTIONS}/{id}`, changeAction],
  ['DELETE', `${ACTIONS}/{id}`, removeAction],
  ['POST', `${ACTIONS}/{id}/execute`, refuseExecution],
  ['POST', `${ACTIONS}/{id}/test`, refuseExecution],
]

const INTEGRATION_LINES: readonly Line[] = [
  ['GET', INTEGRATIONS, listIntegrations],
  ['POST', INTEGRATIONS, createIntegration],
  ['GET', `${INTEGRATIONS}/{id}`, readIntegration],
  ['PATCH', `${INTEGRATIONS}/{id}`, changeIntegration],
  ['DELETE', `${INTEGRATIONS}/{id}`, removeIntegration],
  ['GET', `${INTEGRATIONS}/{id}/config/current`, readConfig],
  ['PUT', `${INTEGRATIONS}/{id}/config/current`, replaceConfig],
]

/** Integrations, credentials and data actions. Fixed paths come before those with an id in their place. */
export function integrationRoutes(context: IntegrationsContext): readonly TokenRoute[] {
  const lines = [...TYPES, ...CREDENTIAL_LINES, ...ACTION_LINES, ...INTEGRATION_LINES]
  return lines.map(([method, path, handler]) => ({
    method,
    path,
    access: 'token',
    anyOf: method === 'GET' ? ['integrations', 'integrations:readonly'] : ['integrations'],
    handle: (call) => handler(context, call),
  }))
}
