import { BundleError } from '../bundle-error.ts'
import type { ActionBundle } from '../definition/data-action.ts'
import { isCredentialName } from './credential.ts'
import { CREDENTIAL_KEY } from '../definition/web-services.ts'
import type {
  InstalledIntegration,
  IntegrationsPort,
  ListedAction,
} from '../../actions/genesys/integrations-port.ts'
import { ownIntegration } from './installed.ts'
import { replacedOf } from './replaced-name.ts'

/** One thing that an uninstall deletes. */
export interface UninstallStep {
  readonly part: 'action' | 'integration' | 'credential'
  readonly name: string
  readonly id: string
}

export interface UninstallWish {
  readonly bundle: ActionBundle
  /** Deletes actions in the integration that are none of the bundle, too. */
  readonly deleteForeign: boolean
}

/**
 * What is to be deleted, in the order in which it has to be: actions, integration, and the credentials that an install
 * made for it. Reads; writes nothing.
 *
 * @throws BundleError `install-refused` when there are actions that are none of the bundle, and nobody said that they go;
 *   what the port rejects with
 */
export async function planUninstall(
  { bundle, deleteForeign }: UninstallWish,
  port: IntegrationsPort,
): Promise<readonly UninstallStep[]> {
  const { integrationName } = bundle
  const integration = ownIntegration(await port.listIntegrations(), integrationName)
  const actions = integration ? await port.listActions(integration.id) : []
  const foreign = actions.filter(({ name }) => !isOfBundle(name, bundle))
  if (foreign.length > 0 && !deleteForeign)
    throw new BundleError('install-refused', foreignMessage(integrationName, foreign))
  return [
    ...actions.map(({ id, name }): UninstallStep => ({ part: 'action', name, id })),
    ...(integration ? [{ part: 'integration' as const, name: integration.name, id: integration.id }] : []),
    ...(await credentialSteps(integrationName, integration, port)),
  ]
}

/** Deletes what the plan names. A run that was cut can be planned and run again. */
export async function carryOutUninstall(
  steps: readonly UninstallStep[],
  port: IntegrationsPort,
  told: (step: UninstallStep) => void = () => undefined,
): Promise<void> {
  const deletions = {
    action: port.deleteAction,
    integration: port.deleteIntegration,
    credential: port.deleteCredential,
  }
  for (const step of steps) {
    await deletions[step.part](step.id)
    told(step)
  }
}

/** A person's own credential is left alone, and so is one that another name stands for. */
async function credentialSteps(
  integrationName: string,
  integration: InstalledIntegration | undefined,
  port: IntegrationsPort,
): Promise<readonly UninstallStep[]> {
  const config = integration && (await port.readConfig(integration.id))
  const bound = config?.credentials[CREDENTIAL_KEY]
  const credentials = await port.listCredentials()
  return credentials
    .filter(({ name }) => isCredentialName(name, integrationName))
    .filter(({ id }) => bound === undefined || bound === id)
    .map(({ id, name }) => ({ part: 'credential', name, id }))
}

function isOfBundle(name: string, { actions }: ActionBundle): boolean {
  const names = actions.map((action) => action.name)
  return names.includes(name) || replacedOf(name, names) !== undefined
}

function foreignMessage(integrationName: string, foreign: readonly ListedAction[]): string {
  const list = foreign.map(({ name, id }) => `"${name}" (${id})`).join(', ')
  return `the integration "${integrationName}" holds actions that are none of the bundle: ${list}. Move them, or say --delete-foreign; nothing was deleted`
}
