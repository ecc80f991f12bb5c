import type { SandboxAnswer } from './exchange.ts'
import type { Filter, SandboxState } from './state.ts'

/** GET /: what this is, where things are, and the filters that stand. */
export function pageAnswer(state: SandboxState, paths: readonly string[]): SandboxAnswer {
  const { organization, filters, subscriptions } = state
  const rows = [...filters.values()].map(filterRow).join('\n')
  const links = paths.map((path) => `<li><code>${escapeHtml(path)}</code></li>`).join('\n')
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sandbox – ${escapeHtml(organization.name)}</title>
</head>
<body>
<h1>This is a sandbox</h1>
<p>It stands in for Genesys Cloud. Nothing here reaches a real organisation, and everything is forgotten
when the process ends.</p>
<p>Organisation: ${escapeHtml(organization.name)} <code>${escapeHtml(organization.id)}</code></p>
<ul>
${links}
</ul>
<h2>${filters.size} filters, ${subscriptions.size} webhook subscriptions</h2>
<table>
<thead><tr><th>Priority</th><th>Name</th><th>Type</th><th>Enabled</th><th>Version</th><th>Id</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
</body>
</html>
`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  }
  return { status: 200, headers, body }
}

function filterRow({ priority, name, filter_type: type, enabled, version, id }: Filter): string {
  const cells = [String(priority), name, type, enabled ? 'yes' : 'no', String(version), id]
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`
}

// Names of filters are whatever a client sent.
function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
