import { SandboxError } from '../sandbox-error.ts'
import type { IntegrationsContext, StoredIntegration } from './integration-state.ts'
import { findType } from './integration-types.ts'

type StateCode = 'ACTIVE' | 'ACTIVATING' | 'INACTIVE' | 'ERROR'

const WORDS: Readonly<Record<StateCode, string>> = {
  ACTIVE: 'Active',
  ACTIVATING: 'Activating',
  INACTIVE: 'Inactive',
  ERROR: 'Error: a required credential is missing',
}

/** `IntegrationStatusInfo` of the platform API: what has come of the intended state so far. */
export function reportedState(context: IntegrationsContext, integration: StoredIntegration) {
  const code = stateOf(context, integration)
  return { code, effective: WORDS[code], lastUpdated: integration.changedAt.toISOString() }
}

/** Actions are published into an active integration only. @throws SandboxError `bad.request` */
export function requireActive(context: IntegrationsContext, integration: StoredIntegration): void {
  const code = stateOf(context, integration)
  if (code === 'ACTIVE') return
  throw new SandboxError(
    'bad.request',
    `The integration ${integration.id} is not enabled: its reported state is ${code}.`,
    { details: [{ errorCode: 'bad.request', fieldName: 'integrationId', entityId: integration.id }] },
  )
}

function stateOf({ now, enableMs }: IntegrationsContext, integration: StoredIntegration): StateCode {
  const { intendedState, changedAt, typeId, config } = integration
  if (intendedState === 'DISABLED') return 'INACTIVE'
  const specifications = Object.entries(findType(typeId)?.credentials ?? {})
  if (specifications.some(([key, { required }]) => required && !config.credentials.has(key))) return 'ERROR'
  return now().getTime() - changedAt.getTime() < enableMs ? 'ACTIVATING' : 'ACTIVE'
}
