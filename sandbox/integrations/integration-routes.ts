import type { SandboxAnswer } from '../exchange.ts'
import type { ResourceCall } from '../filters.ts'
import type { TokenRoute } from '../route.ts'
import { readDraftSchema, readDraftTemplate, readSchema, readTemplate } from './action-files.ts'
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
import {
  beginDraft,
  changeDraft,
  createDraft,
  listDrafts,
  publishDraft,
  readDraft,
  removeDraft,
  validateDraft,
} from './drafts.ts'
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

const DRAFT_LINES: readonly Line[] = [
  ['GET', `${ACTIONS}/drafts`, listDrafts],
  ['POST', `${ACTIONS}/drafts`, createDraft],
  ['GET', `${ACTIONS}/{id}/draft`, readDraft],
  ['POST', `${ACTIONS}/{id}/draft`, beginDraft],
  ['PATCH', `${ACTIONS}/{id}/draft`, changeDraft],
  ['DELETE', `${ACTIONS}/{id}/draft`, removeDraft],
  ['GET', `${ACTIONS}/{id}/draft/validation`, validateDraft],
  ['POST', `${ACTIONS}/{id}/draft/publish`, publishDraft],
  ['POST', `${ACTIONS}/{id}/draft/test`, refuseExecution],
]

const FILE_LINES: readonly Line[] = [
  ['GET', `${ACTIONS}/{id}/templates/{file}`, readTemplate],
  ['GET', `${ACTIONS}/{id}/schemas/{file}`, readSchema],
  ['GET', `${ACTIONS}/{id}/draft/templates/{file}`, readDraftTemplate],
  ['GET', `${ACTIONS}/{id}/draft/schemas/{file}`, readDraftSchema],
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
  const lines = [
    ...TYPES,
    ...CREDENTIAL_LINES,
    ...DRAFT_LINES,
    ...ACTION_LINES,
    ...FILE_LINES,
    ...INTEGRATION_LINES,
  ]
  return lines.map(([method, path, handler]) => ({
    method,
    path,
    access: 'token',
    anyOf: method === 'GET' ? ['integrations', 'integrations:readonly'] : ['integrations'],
    handle: (call) => handler(context, call),
  }))
}
