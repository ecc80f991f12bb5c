/** The URL of a source's webhook route, as Genesys Cloud is told it. */
export function webhookAddress(publicUrl: URL, source: string): URL {
  const base = publicUrl.href.endsWith('/') ? publicUrl : new URL(`${publicUrl.href}/`)
  return new URL(`webhooks/${source}`, base)
}
