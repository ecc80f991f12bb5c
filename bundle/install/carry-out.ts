import type { BundleSecret } from './credential.ts'
import type { InstallWish } from './plan-install.ts'
import type { IntegrationsPort } from '../../actions/genesys/integrations-port.ts'

/** Milliseconds. */
export interface InstallClock {
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
}

/** What every step of an install works with. */
export interface CarryOut {
  readonly port: IntegrationsPort
  readonly wish: InstallWish
  /** Needed when the plan writes the credential. */
  readonly secret?: BundleSecret
  readonly clock: InstallClock
}

/** The ids of what is there so far. */
export interface Made {
  integrationId: string
  credentialId: string
  /** Name to id, of the bundle's actions. */
  readonly actionIds: Map<string, string>
}
