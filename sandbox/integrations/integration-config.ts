import { jsonAnswer } from '../exchange.ts'
import type { SandboxAnswer } from '../exchange.ts'
import { addInvalid, addMissing, integerField, isRecord, recordField, textField } from '../fields.ts'
import type { Violations } from '../fields.ts'
import type { ResourceCall } from '../filters.ts'
import { requireVersion } from '../revision.ts'
import { refuseViolations } from '../sandbox-error.ts'
import { keepAuthAction } from './auth-action.ts'
import { credentialInfo } from './credentials.ts'
import { INTEGRATIONS } from './integration-state.ts'
import type { IntegrationsContext, StoredIntegration } from './integration-state.ts'
import { findType } from './integration-types.ts'
import { found, rawTextField, readBody } from './read-body.ts'

/** `IntegrationConfiguration` of the platform API. */
export function configView({ state }: IntegrationsContext, { id, name, config }: StoredIntegration) {
  const credentials = [...config.credentials].flatMap(([key, credentialId]) => {
    const credential = state.credentials.get(credentialId)
    return credential === undefined ? [] : [[key, credentialInfo(credential)] as const]
  })
  const { version, properties, advanced, notes } = config
  return {
    id: `${id}-config`,
    name,
    version,
    properties,
    advanced,
    notes,
    credentials: Object.fromEntries(credentials),
    selfUri: `${INTEGRATIONS}/${id}/config/current`,
  }
}

/** GET. @throws SandboxError `not.found` */
export function readConfig(context: IntegrationsContext, { id }: ResourceCall): SandboxAnswer {
  return jsonAnswer(200, configView(context, found(context.state.integrations.get(id), 'integration', id)))
}

/**
 * PUT: replaces the configuration and raises its version. All members must be there.
 *
 * @throws SandboxError `not.found`, `version.mismatch`, or for a body that breaks a rule
 */
export function replaceConfig(context: IntegrationsContext, { id, request }: ResourceCall): SandboxAnswer {
  const integration = found(context.state.integrations.get(id), 'integration', id)
  const body = readBody(request)
  const violations: Violations = []
  if (body['version'] === undefined) addMissing(violations, 'version')
  if (body['notes'] === undefined) addMissing(violations, 'notes')
  const range = { min: 0, max: Number.MAX_SAFE_INTEGER }
  const version = integerField(violations, 'version', body['version'] ?? 0, range)
  const name = textField(violations, 'name', body['name'], { min: 1, max: 256 })
  const config = {
    properties: recordField(violations, 'properties', body['properties']),
    advanced: recordField(violations, 'advanced', body['advanced']),
    notes: rawTextField(violations, 'notes', body['notes'], ''),
    credentials: parseCredentials(context, integration, violations, body['credentials']),
  }
  refuseViolations(violations)
  requireVersion({ id, version: integration.config.version }, version)
  const changed = { ...integration, name, config: { ...config, version: version + 1 } }
  context.state.integrations.set(id, changed)
  keepAuthAction(context.state, changed)
  return jsonAnswer(200, configView(context, changed))
}

function parseCredentials(
  { state }: IntegrationsContext,
  { typeId }: StoredIntegration,
  violations: Violations,
  value: unknown,
): ReadonlyMap<string, string> {
  const specifications = new Map(Object.entries(findType(typeId)?.credentials ?? {}))
  const chosen = new Map<string, string>()
  for (const [key, reference] of Object.entries(recordField(violations, 'credentials', value))) {
    const field = `credentials.${key}`
    const specification = specifications.get(key)
    const id = isRecord(reference) ? reference['id'] : undefined
    const credential = typeof id === 'string' ? state.credentials.get(id) : undefined
    if (specification === undefined) {
      addInvalid(violations, field, key, `allowable keys are: ${[...specifications.keys()].join(', ')}.`)
    } else if (credential === undefined) {
      addInvalid(violations, `${field}.id`, id, 'there is no such credential.')
    } else if (!specification.credentialTypes.includes(credential.typeId)) {
      const types = specification.credentialTypes.join(', ')
      addInvalid(violations, field, credential.typeId, `allowable types are: ${types}.`)
    } else chosen.set(key, credential.id)
  }
  return chosen
}
