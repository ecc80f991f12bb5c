import type { Sandbox } from '../sandbox/start-sandbox.ts'
import type { RemoteConfig } from './config.ts'
import { genesysSource } from './webhook-settings.ts'
import type { WebhookConfig } from './webhook-settings.ts'

/** What an embedded sandbox supplies in place of the environment. */
export function sandboxRemote(
  sandbox: Sandbox,
  receiverUrl: string,
  { shorthand }: WebhookConfig,
): RemoteConfig {
  const { clientId, clientSecret, url, jwksUrl } = sandbox
  return {
    publicUrl: new URL(receiverUrl),
    sources: [genesysSource(shorthand, { kind: 'url', url: new URL(jwksUrl) })],
    genesys: { clientId, clientSecret, baseUrl: new URL(url), gateway: true },
  }
}
