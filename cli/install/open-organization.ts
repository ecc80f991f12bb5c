import type { IntegrationsPort } from '../../actions/genesys/integrations-port.ts'
import { genesysConfig } from '../config.ts'
import type { Env } from '../env-reader.ts'

export interface Organization {
  readonly port: IntegrationsPort
  /** For people: where it is. */
  readonly host: string
}

/** The organization that the environment names. @throws CliError that names every problem of the settings */
export async function openOrganization(env: Env): Promise<Organization> {
  const { requestsPerMinute, ...genesys } = genesysConfig(env)
  const { integrationsClient } = await import('../../actions/genesys/integrations-client.ts')
  const { SYSTEM_RETRY_CLOCK } = await import('../../actions/genesys/retry-policy.ts')
  const { rateLimiter } = await import('../../actions/genesys/rate-limiter.ts')
  const port = integrationsClient({
    ...genesys,
    fetch: globalThis.fetch,
    now: () => new Date(),
    clock: SYSTEM_RETRY_CLOCK,
    limiter: rateLimiter({
      perMinute: requestsPerMinute,
      clock: { now: () => performance.now(), sleep: SYSTEM_RETRY_CLOCK.sleep },
    }),
  })
  return { port, host: genesys.baseUrl.host }
}
