import { jsonAnswer } from '../exchange.ts'
import type { SandboxAnswer, SandboxRequest } from '../exchange.ts'
import { addInvalid, choiceField, recordField, textField } from '../fields.ts'
import type { Violations } from '../fields.ts'
import type { ResourceCall } from '../filters.ts'
import { pageOf } from '../paging.ts'
import { refuseViolations } from '../sandbox-error.ts'
import { configView } from './integration-config.ts'
import { INTEGRATIONS } from './integration-state.ts'
import type { IntegrationsContext, StoredIntegration } from './integration-state.ts'
import { findType, knownTypes } from './integration-types.ts'
import { expands, found, readBody } from './read-body.ts'
import { reportedState } from './reported-state.ts'

/** GET of the collection: a page, in the order of creation; `integrationType` and `ids` narrow it. */
export function listIntegrations(context: IntegrationsContext, { request }: ResourceCall): SandboxAnswer {
  const type = request.query.get('integrationType')
  const ids = request.query.getAll('ids').flatMap((list) => list.split(','))
  const chosen = [...context.state.integrations.values()].filter(
    ({ id, typeId }) => (type === null || type === typeId) && (ids.length === 0 || ids.includes(id)),
  )
  const page = pageOf(chosen, request)
  const entities = page.entities.map((one) => integrationView(context, request, one))
  return jsonAnswer(200, { ...page, entities })
}

/** GET of one. @throws SandboxError `not.found` */
export function readIntegration(context: IntegrationsContext, { id, request }: ResourceCall): SandboxAnswer {
  return jsonAnswer(200, integrationView(context, request, findIntegration(context, id)))
}

/** POST: an integration starts disabled. @throws SandboxError without a name or with an unknown type */
export function createIntegration(context: IntegrationsContext, { request }: ResourceCall): SandboxAnswer {
  const body = readBody(request)
  const violations: Violations = []
  const name = textField(violations, 'name', body['name'], { min: 1, max: 256 })
  const { id: typeId } = recordField(violations, 'integrationType', body['integrationType'])
  const type = typeof typeId === 'string' ? findType(typeId) : undefined
  if (type === undefined && violations.every(({ fieldName }) => fieldName !== 'integrationType')) {
    addInvalid(violations, 'integrationType.id', typeId, `allowable values are: ${knownTypes()}.`)
  }
  refuseViolations(violations)
  const integration: StoredIntegration = {
    id: context.uuid(),
    name,
    typeId: type?.id ?? '',
    intendedState: 'DISABLED',
    changedAt: context.now(),
    config: { version: 1, properties: {}, advanced: {}, notes: '', credentials: new Map() },
  }
  context.state.integrations.set(integration.id, integration)
  return jsonAnswer(200, integrationView(context, request, integration))
}

/** PATCH of the intended state. DELETED deletes. @throws SandboxError `not.found`, `invalid.value` */
export function changeIntegration(context: IntegrationsContext, call: ResourceCall): SandboxAnswer {
  const integration = findIntegration(context, call.id)
  const violations: Violations = []
  const { intendedState } = readBody(call.request)
  const intended = choiceField(violations, 'intendedState', intendedState, ['ENABLED', 'DISABLED', 'DELETED'])
  refuseViolations(violations)
  if (intended === 'DELETED') return removeIntegration(context, call)
  const changedAt = intended === integration.intendedState ? integration.changedAt : context.now()
  const changed = { ...integration, intendedState: intended, changedAt }
  context.state.integrations.set(call.id, changed)
  return jsonAnswer(200, integrationView(context, call.request, changed))
}

/** DELETE: its actions go with it, its credentials stay. @throws SandboxError `not.found` */
export function removeIntegration(
  context: IntegrationsContext,
  { id, request }: ResourceCall,
): SandboxAnswer {
  const view = integrationView(context, request, findIntegration(context, id))
  const { integrations, actions } = context.state
  for (const action of actions.values()) if (action.integrationId === id) actions.delete(action.id)
  integrations.delete(id)
  return jsonAnswer(200, { ...view, intendedState: 'DELETED' })
}

function findIntegration({ state }: IntegrationsContext, id: string): StoredIntegration {
  return found(state.integrations.get(id), 'integration', id)
}

/** `Integration` of the platform API. */
function integrationView(
  context: IntegrationsContext,
  request: SandboxRequest,
  integration: StoredIntegration,
) {
  const { id, name, typeId, config, intendedState } = integration
  const type = findType(typeId)
  return {
    id,
    name,
    integrationType: { id: typeId, name: type?.name, selfUri: type?.selfUri },
    notes: config.notes,
    intendedState,
    ...(expands(request, 'config.current') ? { config: { current: configView(context, integration) } } : {}),
    reportedState: reportedState(context, integration),
    attributes: {},
    selfUri: `${INTEGRATIONS}/${id}`,
  }
}
