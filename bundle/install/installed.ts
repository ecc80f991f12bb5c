import type { ActionBundle } from '../definition/data-action.ts'
import { CREDENTIAL_KEY, INTEGRATION_TYPE, authActionId } from '../definition/web-services.ts'
import type {
  InstalledAction,
  InstalledCredential,
  InstalledIntegration,
  IntegrationConfig,
  IntegrationsPort,
  ListedAction,
} from '../../actions/genesys/integrations-port.ts'
import { BundleError } from '../bundle-error.ts'

/** What an organization holds of a bundle. */
export interface Installed {
  /** Undefined: there is none of that name. */
  readonly integration: InstalledIntegration | undefined
  readonly config: IntegrationConfig | undefined
  readonly credentials: readonly InstalledCredential[]
  /** All in the integration. */
  readonly listed: readonly ListedAction[]
  /** Those that have a name of the bundle, in full. */
  readonly actions: readonly InstalledAction[]
  readonly authAction: InstalledAction | undefined
}

/**
 * Reads what is there; writes nothing.
 *
 * @throws BundleError `install-refused` when the integration's name is taken by another type, or stands for several; what
 *   the port rejects with
 */
export async function readInstalled(port: IntegrationsPort, bundle: ActionBundle): Promise<Installed> {
  const integrations = await port.listIntegrations()
  refuseForeign(integrations, bundle.integrationName)
  const integration = ownIntegration(integrations, bundle.integrationName)
  const credentials = await port.listCredentials()
  if (!integration)
    return { integration, credentials, config: undefined, listed: [], actions: [], authAction: undefined }
  const { id } = integration
  const config = await port.readConfig(id)
  const listed = await port.listActions(id)
  const names = bundle.actions.map(({ name }) => name)
  const actions: InstalledAction[] = []
  for (const action of listed.filter(({ name }) => names.includes(name))) {
    const read = await port.readAction(action.id)
    if (read) actions.push(read)
  }
  const authAction = bundle.auth === 'oauth' ? await port.readAction(authActionId(id)) : undefined
  return { integration, config, credentials, listed, actions, authAction }
}

/** The integration that a bundle of this name is installed in. @throws BundleError `install-refused` for several */
export function ownIntegration(
  integrations: readonly InstalledIntegration[],
  name: string,
): InstalledIntegration | undefined {
  const [own, second] = living(integrations, name).filter(({ typeId }) => typeId === INTEGRATION_TYPE)
  if (own && second)
    throw new BundleError(
      'install-refused',
      `there are several integrations "${name}" (${own.id}, ${second.id}): rename or delete all but one, or take another name with --name`,
    )
  return own
}

/** A flow names an action by the integration's name: under one that stands for two, it would find the wrong one. */
function refuseForeign(integrations: readonly InstalledIntegration[], name: string): void {
  const foreign = living(integrations, name).find(({ typeId }) => typeId !== INTEGRATION_TYPE)
  if (!foreign) return
  throw new BundleError(
    'install-refused',
    `the integration "${name}" (${foreign.id}) is of the type ${foreign.typeId}, not ${INTEGRATION_TYPE}: install under another name with --name`,
  )
}

function living(
  integrations: readonly InstalledIntegration[],
  wanted: string,
): readonly InstalledIntegration[] {
  return integrations.filter(({ name, intendedState }) => name === wanted && intendedState !== 'DELETED')
}

/** The credential that the integration uses; undefined when it uses none, or one that is gone. */
export function boundCredential({ config, credentials }: Installed): InstalledCredential | undefined {
  const id = config?.credentials[CREDENTIAL_KEY]
  return credentials.find((each) => each.id === id)
}
