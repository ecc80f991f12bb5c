import type { InstallStep } from './install-step.ts'
import { changes } from './install-step.ts'
import { carryOutAction } from './carry-out-action.ts'
import { credentialOf, filledFields } from './credential.ts'
import { ownIntegration } from './installed.ts'
import { BundleError } from '../bundle-error.ts'
import type { CarryOut, Made } from './carry-out.ts'
import { onNewestVersion } from './newest-version.ts'
import { CREDENTIAL_KEY, INTEGRATION_TYPE } from '../definition/web-services.ts'

/** What a step did. `id` is that of the part afterwards; of a deleted one, what it was. */
export interface InstallLine {
  readonly part: InstallStep['part']
  readonly does: InstallStep['does']
  readonly name: string
  readonly id: string
  readonly reason: string
}

/** An action that flows have to be pointed away from. */
export interface Replacement {
  readonly name: string
  readonly oldId: string
  readonly newId: string
  /** The name under which the old one goes on; undefined: it is deleted. */
  readonly keptAs: string | undefined
}

export interface InstallResult {
  readonly integrationId: string
  readonly lines: readonly InstallLine[]
  readonly replaced: readonly Replacement[]
}

/** How long an integration may take until it is active. */
const ACTIVE_WITHIN_MS = 30_000
const LOOK_EVERY_MS = 1000

/**
 * Carries out a plan, step by step. A run that was cut can be planned and run again from any point: each step looks at
 * what is there before it writes, and a creation whose answer was lost is looked for before it is sent again.
 *
 * @throws BundleError `install-refused`; what the port rejects with
 */
export async function carryOutInstall(
  steps: readonly InstallStep[],
  work: CarryOut,
  told: (line: InstallLine) => void = () => undefined,
): Promise<InstallResult> {
  const made: Made = { integrationId: '', credentialId: '', actionIds: new Map() }
  const lines: InstallLine[] = []
  const replaced: Replacement[] = []
  for (const step of steps) {
    const { part, does, name, reason } = step
    const line = { part, does, name, id: await carryOutStep(step, work, made), reason }
    lines.push(line)
    told(line)
    const replacement = replacementOf(step, made)
    if (replacement) replaced.push(replacement)
  }
  return { integrationId: made.integrationId, lines, replaced }
}

async function carryOutStep(step: InstallStep, work: CarryOut, made: Made): Promise<string> {
  switch (step.part) {
    case 'integration':
      return (made.integrationId = step.id ?? (await createIntegration(work)))
    case 'credential':
      return (made.credentialId = await writeCredential(step, work))
    case 'config':
      if (changes(step)) await bindCredential(work, made)
      return made.integrationId
    case 'state':
      if (changes(step)) await enable(work, made.integrationId)
      return made.integrationId
    case 'auth-action':
    case 'action':
      return carryOutAction(step, work, made)
  }
}

async function createIntegration({ port, wish }: CarryOut): Promise<string> {
  const name = wish.bundle.integrationName
  const find = async () => ownIntegration(await port.listIntegrations(), name)
  const { id } = await port.createIntegration({ name, typeId: INTEGRATION_TYPE }, find)
  return id
}

async function writeCredential(
  step: InstallStep & { readonly part: 'credential' },
  { port, wish, secret }: CarryOut,
): Promise<string> {
  if (step.does === 'unchanged' && step.id !== undefined) return step.id
  const wanted = credentialOf(wish.bundle)
  if (!secret)
    throw new BundleError('install-refused', 'the credential has to be written: its secret is missing')
  const draft = { name: wanted.name, type: wanted.type, fields: filledFields(wanted, secret) }
  if (step.id !== undefined) {
    await port.updateCredential(step.id, draft)
    return step.id
  }
  const find = async () =>
    (await port.listCredentials()).find(({ name, type }) => name === draft.name && type === draft.type)
  const { id } = await port.createCredential(draft, find)
  return id
}

async function bindCredential({ port, wish, clock }: CarryOut, made: Made): Promise<void> {
  const { integrationId, credentialId } = made
  const name = wish.bundle.integrationName
  await onNewestVersion(clock, async () => {
    const config = await port.readConfig(integrationId)
    if (config.name === name && config.credentials[CREDENTIAL_KEY] === credentialId) return
    const credentials = { ...config.credentials, [CREDENTIAL_KEY]: credentialId }
    await port.writeConfig(integrationId, { ...config, name, credentials })
  })
}

async function enable({ port, clock }: CarryOut, integrationId: string): Promise<void> {
  await port.enableIntegration(integrationId)
  const end = clock.now() + ACTIVE_WITHIN_MS
  for (;;) {
    const { reportedState = 'ACTIVE' } = await port.readIntegration(integrationId)
    if (reportedState === 'ACTIVE') return
    if (clock.now() + LOOK_EVERY_MS >= end)
      throw new BundleError(
        'install-refused',
        `the integration ${integrationId} is ${reportedState.toLowerCase()} ${ACTIVE_WITHIN_MS / 1000} s after it was enabled: look at it in Admin, Integrations, then run this again`,
      )
    await clock.sleep(LOOK_EVERY_MS)
  }
}

function replacementOf(step: InstallStep, { actionIds }: Made): Replacement | undefined {
  const name = step.does === 'delete' ? step.replacedBy : step.does === 'retire' ? step.name : undefined
  const newId = name === undefined ? undefined : actionIds.get(name)
  if (name === undefined || newId === undefined || step.id === undefined) return undefined
  return { name, oldId: step.id, newId, keptAs: step.does === 'retire' ? step.keptAs : undefined }
}
