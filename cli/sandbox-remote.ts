import type { Sandbox } from '../sandbox/start-sandbox.ts'
import type { RemoteConfig } from './config.ts'

/** What an embedded sandbox supplies in place of the environment. */
export function sandboxRemote(sandbox: Sandbox, receiverUrl: string): RemoteConfig {
  const { clientId, clientSecret, url, jwksUrl } = sandbox
  return {
    publicUrl: new URL(receiverUrl),
    webhookKeys: { kind: 'url', url: new URL(jwksUrl) },
    genesys: { clientId, clientSecret, baseUrl: new URL(url), gateway: true },
  }
}
