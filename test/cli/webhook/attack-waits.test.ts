import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { runCli } from '../run-cli.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

test('webhook send --attack tells beside its results that it waits for a receiver that limits refusals', async () => {
  let requests = 0
  const server = createServer((_req, res) => {
    if (requests++ === 0) res.writeHead(429, { 'retry-after': '1' }).end()
    else res.writeHead(400).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/x`
  const args = [
    '--url',
    url,
    '--scheme',
    'api-key',
    '--secret',
    'env:KEY',
    '--attack',
    'signature-missing',
    '--json',
  ]
  const result = await runCli(['webhook', 'send', ...args], {
    cwd: tempFolder(),
    env: { KEY: 'a-key-of-the-test' },
  })
  server.close()
  expect(result.err).toBe('waiting 1 s: the receiver limits refused deliveries\n')
  expect(JSON.parse(result.out)).toMatchObject({ name: 'signature-missing' })
  expect(requests).toBe(2)
})
