import type { ActionBundle } from '../../../bundle/definition/data-action.ts'
import { carryOutInstall } from '../../../bundle/install/carry-out-install.ts'
import type { InstallResult } from '../../../bundle/install/carry-out-install.ts'
import type { InstallClock } from '../../../bundle/install/carry-out.ts'
import type { InstallStep } from '../../../bundle/install/install-step.ts'
import { readInstalled } from '../../../bundle/install/installed.ts'
import { planInstall } from '../../../bundle/install/plan-install.ts'
import type { InstallWish } from '../../../bundle/install/plan-install.ts'
import type { IntegrationsPort } from '../../../actions/genesys/integrations-port.ts'

export const SECRET = { secret: 'a-secret', clientId: 'a-client' }

export function wishOf(bundle: ActionBundle, changes: Partial<InstallWish> = {}): InstallWish {
  return { bundle, renewCredential: false, deleteReplaced: false, day: '2026-11-26', ...changes }
}

/** A clock that a sleep puts forward. */
export function movedClock(): InstallClock {
  let now = 0
  return {
    now: () => now,
    sleep: (ms) => {
      now += ms
      return Promise.resolve()
    },
  }
}

export async function planned(port: IntegrationsPort, wish: InstallWish): Promise<readonly InstallStep[]> {
  return planInstall(wish, await readInstalled(port, wish.bundle))
}

/** Plans, and carries the plan out. */
export async function installed(
  port: IntegrationsPort,
  wish: InstallWish,
  clock: InstallClock = movedClock(),
): Promise<InstallResult> {
  return carryOutInstall(await planned(port, wish), { port, wish, secret: SECRET, clock })
}

/** `part does name`, a line a step that is not unchanged. */
export function summary(steps: readonly Pick<InstallStep, 'part' | 'does' | 'name'>[]): readonly string[] {
  return steps
    .filter(({ does }) => does !== 'unchanged')
    .map(({ part, does, name }) => `${part} ${does} ${name}`)
}
