import { jest } from '@jest/globals'
import { mkdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { genesysClient } from '../../../actions/genesys/genesys-client.ts'
import type { GenesysPort } from '../../../actions/genesys/port.ts'
import { FILTERS, SUBSCRIPTIONS } from '../../sandbox/sandbox-caller.ts'
import { underGarbageCollection } from '../../support/collect-garbage.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'

/** A client whose every API call is answered by a function of the page's number; logins succeed. */
function clientOf(answer: (url: URL) => Promise<object>, seen: URL[] = [], gateway = true): GenesysPort {
  return genesysClient({
    clientId: 'a-client',
    clientSecret: 'a-secret',
    baseUrl: new URL('https://api.example.com'),
    gateway,
    now: () => new Date(),
    filtersPath: FILTERS,
    subscriptionsPath: SUBSCRIPTIONS,
    fetch: async (input) => {
      const url = new URL(input instanceof Request ? input.url : input)
      seen.push(url)
      if (!url.pathname.endsWith('/oauth/token')) return Response.json(await answer(url))
      return Response.json({ access_token: 'a-token', token_type: 'bearer', expires_in: 86_400 })
    },
  })
}

describe('a list of the Genesys client', () => {
  test('that has no end is ended by its one time-out, however many pages come in time', async () => {
    const port = clientOf(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      return { entities: [{ id: 'a' }], pageCount: 1_000_000 }
    })
    await expect(port.listFilters({ timeoutMs: 300 })).rejects.toMatchObject({ code: 'timeout' })
  })

  test('whose page stalls in its body is ended in time, also while garbage is collected', async () => {
    const server = createServer((req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' })
      if (req.url?.endsWith('/oauth/token'))
        res.end('{"access_token":"a-token","token_type":"bearer","expires_in":86400}')
      else res.write('{')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const client = genesysClient({
      clientId: 'a-client',
      clientSecret: 'a-secret',
      baseUrl: new URL(`http://127.0.0.1:${port}`),
      gateway: true,
      now: () => new Date(),
      filtersPath: FILTERS,
      subscriptionsPath: SUBSCRIPTIONS,
      fetch,
    })
    await underGarbageCollection(async () => {
      await expect(client.listFilters({ timeoutMs: 500 })).rejects.toMatchObject({ code: 'timeout' })
    })
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }, 10_000)

  test('goes on while the server names a next page, though its pages are smaller than asked for', async () => {
    const port = clientOf((url) => {
      const page = Number(url.searchParams.get('pageNumber'))
      return Promise.resolve({ entities: [{ id: `f-${page}` }], ...(page < 3 && { nextUri: '/next' }) })
    })
    const filters = await port.listFilters({ timeoutMs: 5000 })
    expect(filters.map(({ id }) => id)).toEqual(['f-1', 'f-2', 'f-3'])
  })
})

describe("a settings file of the SDK in somebody's home", () => {
  afterEach(() => {
    jest.restoreAllMocks()
    removeTempFolders()
  })

  test('does not send our credentials to another host', async () => {
    const home = tempFolder()
    mkdirSync(join(home, '.genesyscloudjavascript'))
    writeFileSync(
      join(home, '.genesyscloudjavascript', 'config'),
      '[gateway]\nhost = elsewhere.example.net\n[general]\nlive_reload_config = true\nhost = elsewhere.example.net\n',
    )
    jest.spyOn(os, 'homedir').mockReturnValue(home)
    const seen: URL[] = []
    await clientOf(() => Promise.resolve({ entities: [] }), seen, false).listFilters({ timeoutMs: 5000 })
    expect(seen.map(({ host }) => host)).toEqual(['login.example.com', 'api.example.com'])
  })
})
