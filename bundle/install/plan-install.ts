import { BundleError } from '../bundle-error.ts'
import type { ActionBundle } from '../definition/data-action.ts'
import { configDifferences, configOf } from './canonical-action.ts'
import { credentialOf, isCredentialName } from './credential.ts'
import type { WantedCredential } from './credential.ts'
import type { InstallStep } from './install-step.ts'
import { boundCredential } from './installed.ts'
import type { Installed } from './installed.ts'
import { planActions } from './plan-actions.ts'
import { CREDENTIAL_KEY } from '../definition/web-services.ts'
import type { InstalledCredential } from '../../actions/genesys/integrations-port.ts'

/** What is to be there after an install. */
export interface InstallWish {
  readonly bundle: ActionBundle
  /** Writes the credential's fields again, though it is there: whether they are right cannot be read. */
  readonly renewCredential: boolean
  /** Deletes actions that others stand in for. Flows that are bound to them fail from then on. */
  readonly deleteReplaced: boolean
  /** For the names of replaced actions: `2026-11-26`. */
  readonly day: string
}

/**
 * The steps from what is there to what the bundle says, in the order in which they have to be done. Pure.
 *
 * @throws BundleError `install-refused` for a bundle that cannot be installed, or not over what is there
 */
export function planInstall(wish: InstallWish, installed: Installed): readonly InstallStep[] {
  const { bundle } = wish
  refuseUnusable(bundle)
  return [
    integrationStep(bundle, installed),
    ...credentialSteps(wish, installed),
    stateStep(bundle, installed),
    ...authActionSteps(bundle, installed),
    ...planActions(wish, installed),
  ]
}

/** True when a step of the plan writes the credential's fields. */
export function needsSecret(steps: readonly InstallStep[]): boolean {
  return steps.some(({ part, does }) => part === 'credential' && does !== 'unchanged')
}

function refuseUnusable({ actions, auth, authAction }: ActionBundle): void {
  const names = actions.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new BundleError('install-refused', `two actions of the bundle have the name "${twice}"`)
  if (auth === 'oauth' && !authAction)
    throw new BundleError('install-refused', 'the bundle is for oauth and has no auth action')
}

function integrationStep({ integrationName: name }: ActionBundle, { integration }: Installed): InstallStep {
  if (!integration) return { part: 'integration', does: 'create', name, reason: 'there is none of that name' }
  return { part: 'integration', does: 'unchanged', name, id: integration.id, reason: 'is there' }
}

/** The credential, and the configuration that names it. */
function credentialSteps(wish: InstallWish, installed: Installed): readonly InstallStep[] {
  const wanted = credentialOf(wish.bundle)
  const bound = boundCredential(installed)
  if (bound) return [keptCredential(wish, wanted, bound), configStep(wish.bundle, installed, bound.id)]
  const { name } = wanted
  const loose = installed.credentials.find((each) => each.name === name && each.type === wanted.type)
  // Another run may have made it, with another secret.
  const step: InstallStep = loose
    ? { part: 'credential', does: 'update', name, id: loose.id, reason: 'is there, and not in use' }
    : { part: 'credential', does: 'create', name, reason: 'the integration has none' }
  return [step, configStep(wish.bundle, installed, loose?.id)]
}

function keptCredential(
  { bundle, renewCredential }: InstallWish,
  wanted: WantedCredential,
  bound: InstalledCredential,
): InstallStep {
  const { id, name, type } = bound
  if (type !== wanted.type)
    throw new BundleError(
      'install-refused',
      `the integration "${bundle.integrationName}" has a credential of the type ${type}, and ${bundle.auth} needs ${wanted.type}, which cannot be changed under published actions: install under another name with --name, or uninstall first`,
    )
  const part = 'credential'
  if (renewCredential) return { part, does: 'update', name: wanted.name, id, reason: 'is renewed' }
  if (name !== wanted.name && isCredentialName(name, bundle.integrationName))
    return { part, does: 'update', name: wanted.name, id, reason: `has other fields: ${name}` }
  return { part, does: 'unchanged', name, id, reason: 'its fields cannot be read, and are left as they are' }
}

function configStep(
  { integrationName: name }: ActionBundle,
  { config }: Installed,
  credentialId: string | undefined,
): InstallStep {
  const bound = config?.credentials[CREDENTIAL_KEY]
  const part = 'config'
  if (bound === undefined || bound !== credentialId)
    return { part, does: 'update', name, reason: 'has to name the credential' }
  if (config?.name !== name) return { part, does: 'update', name, reason: `is named "${config?.name ?? ''}"` }
  return { part, does: 'unchanged', name, reason: 'names the credential' }
}

function stateStep({ integrationName: name }: ActionBundle, { integration }: Installed): InstallStep {
  const part = 'state'
  if (!integration) return { part, does: 'update', name, reason: 'a new integration is disabled' }
  const { id, intendedState, reportedState = 'ACTIVE' } = integration
  if (intendedState !== 'ENABLED')
    return { part, does: 'update', name, id, reason: `is ${intendedState.toLowerCase()}` }
  if (reportedState !== 'ACTIVE')
    return { part, does: 'update', name, id, reason: `is enabled, and ${reportedState.toLowerCase()} still` }
  return { part, does: 'unchanged', name, id, reason: 'is enabled' }
}

function authActionSteps(
  { authAction: action }: ActionBundle,
  { authAction: found }: Installed,
): readonly InstallStep[] {
  if (!action) return []
  const part = 'auth-action'
  const { name } = action
  if (!found)
    return [{ part, does: 'update', name, action, reason: 'the platform makes it, not how it asks' }]
  const { id } = found
  const differences = configDifferences(configOf(action, 0), withoutTimeout(found.config))
  if (differences.length === 0) return [{ part, does: 'unchanged', name, id, action, reason: 'is the same' }]
  return [{ part, does: 'update', name, id, action, reason: `differs in ${differences.join(', ')}` }]
}

/** An auth action has none that could be set; the platform may show one. */
function withoutTimeout(config: unknown): unknown {
  return typeof config === 'object' ? { ...config, timeoutSeconds: undefined } : config
}
