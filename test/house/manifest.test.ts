import { readFileSync } from 'node:fs'
import { readManifest } from '../../cli/manifest.ts'
import { ENTRY_TYPES } from '../../ledger/entry/entry.ts'

const manifest = readManifest()
const packageJson = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as Record<string, unknown>

describe('integration-manifest.json', () => {
  test('names the package and its version', () => {
    expect(manifest.name).toBe(packageJson['name'])
    expect(manifest.version).toBe(packageJson['version'])
  })

  test('lists exactly the entry types that the ledger knows', () => {
    expect([...manifest.entryTypes].sort()).toEqual([...ENTRY_TYPES].sort())
  })

  test('maps the three filter events of the contract', () => {
    expect(manifest.webhook.events).toEqual({
      'ai:llm-gateway:filter:created': 'filter.created',
      'ai:llm-gateway:filter:updated': 'filter.updated',
      'ai:llm-gateway:filter:deleted': 'filter.deleted',
    })
  })

  test('gives each action a path of its name and a scope of its own', () => {
    for (const { name, path, scope, title } of manifest.actions) {
      expect(path).toBe(`/actions/${name}`)
      expect(scope).toBe(`actions:${name}`)
      expect(manifest.scopes).toHaveProperty([scope])
      expect(title).not.toBe('')
    }
  })

  test('asks Genesys Cloud for the scopes of the contract', () => {
    expect(manifest.genesys.oauthScopes).toEqual(
      expect.arrayContaining([
        'ai:llm-gateway:read',
        'ai:llm-gateway:write',
        'ai:llm-gateway:read:filters',
        'webhook:read',
        'webhook:write',
      ]),
    )
  })

  test('names the permissions that docs/install.md tells an administrator to give, no more and no fewer', () => {
    const page = readFileSync(new URL('../../docs/install.md', import.meta.url), 'utf8')
    const told = [...page.matchAll(/^\| `(integrations:\w+:\w+)` \|/gm)].map(([, name]) => name)
    expect(told.sort()).toEqual([...manifest.genesys.installPermissions].sort())
  })
})
