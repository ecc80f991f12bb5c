import { integrationsClient } from '../../../actions/genesys/integrations-client.ts'
import type { InstallClock } from '../../../bundle/install/carry-out.ts'
import type { IntegrationsPort } from '../../../actions/genesys/integrations-port.ts'
import { startSandbox } from '../../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../../sandbox/start-sandbox.ts'

export interface SandboxOrganization {
  readonly port: IntegrationsPort
  readonly sandbox: Sandbox
  /** Every request that writes so far: method and path. */
  readonly writes: readonly string[]
  readonly clock: InstallClock
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The official SDK before a sandbox. Sleeps are cut short, and count in full: nobody waits, and what is bounded ends. */
export async function sandboxOrganization(
  options: Parameters<typeof startSandbox>[0] = {},
): Promise<SandboxOrganization> {
  const sandbox = await startSandbox(options)
  const writes: string[] = []
  let skipped = 0
  const clock = {
    now: () => Date.now() + skipped,
    sleep: async (ms: number) => {
      const real = Math.min(ms, 20)
      skipped += ms - real
      await pause(real)
    },
    random: () => 0.5,
  }
  const port = integrationsClient({
    clientId: sandbox.clientId,
    clientSecret: sandbox.clientSecret,
    baseUrl: new URL(sandbox.url),
    gateway: true,
    now: () => new Date(),
    clock,
    fetch: (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const method = init?.method ?? 'GET'
      if (method !== 'GET' && url.pathname !== '/oauth/token') writes.push(`${method} ${url.pathname}`)
      return fetch(input, init)
    },
  })
  return { port, sandbox, writes, clock }
}
