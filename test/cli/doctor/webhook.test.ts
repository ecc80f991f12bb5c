import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { addressSet } from '../../../receiver/http/address-set.ts'
import { startSandbox } from '../../../sandbox/start-sandbox.ts'
import { tempFolder } from '../../support/temp-ledger.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiverOptions } from '../../support/test-receiver.ts'
import { closing, deadUrl, diagnose, envOf, makePlace, serverOf, tearDown } from './doctor-house.ts'

afterEach(tearDown)

async function publicUrl(url: string) {
  const sandbox = closing(await startSandbox())
  return (await diagnose(envOf(await makePlace(), sandbox, url))).line('public-url')
}

const receiver = async (options?: TestReceiverOptions) => closing(await startTestReceiver(options))

describe('an unsigned delivery to the public URL', () => {
  test('that our receiver refuses shows that it is ours; on this machine alone that is a warning', async () => {
    const { url, ledger } = await receiver()
    expect(await publicUrl(url)).toMatchObject({
      state: 'warn',
      detail: expect.stringMatching(/our receiver answers 400 signature-malformed, as it should.*only this/),
    })
    expect(ledger.reader.size()).toBe(0)
  })

  test('below a path that the receiver does not have is told', async () => {
    const { url } = await receiver()
    expect(await publicUrl(`${url}/below`)).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('our receiver answers 404 not-found'),
    })
  })

  test('to a source that is retired, or takes it from other addresses alone, is told', async () => {
    const retired = await receiver({ genesys: { retired: true } })
    expect(await publicUrl(retired.url)).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('retired'),
    })
    const choosy = await receiver({ genesys: { addresses: addressSet(['192.0.2.0/24']) } })
    expect(await publicUrl(choosy.url)).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining('not among the source’s addresses'),
    })
  })

  test.each([
    ['a page of another server', 404, {}, /not our receiver.*404.*server: nginx/],
    ['a proxy without its receiver', 502, {}, /not our receiver.*502/],
    ['a login page', 401, {}, /not our receiver.*401/],
    ['a program that takes everything', 200, {}, /takes unsigned deliveries/],
    [
      'a redirect',
      308,
      { location: 'https://new.example.com/a?token=secret' },
      /redirects to https:\/\/new\.example\.com \(308\)/,
    ],
    ['somebody who imitates our type', 400, { 'x-request-id': '' }, /not our receiver/],
  ])('that %s answers is told as what it is', async (_, status, headers, detail) => {
    const url = await serverOf((__, response) => {
      response.writeHead(status, { server: 'nginx', 'content-type': 'text/html', ...headers })
      response.end('{"type":"urn:filter-ledger:problem:signature-malformed"}')
    })
    const line = await publicUrl(url)
    expect(line).toMatchObject({ state: 'fail', detail: expect.stringMatching(detail) })
    expect(line.advice).toBeDefined()
    expect(JSON.stringify(line)).not.toContain('secret')
  })

  test('to nobody is told', async () => {
    expect(await publicUrl(await deadUrl())).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('ECONNREFUSED'),
      advice: expect.stringContaining('FILTER_LEDGER_PUBLIC_URL'),
    })
  })

  test('over TLS with a certificate of its own making is told', async () => {
    const folder = tempFolder()
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert]
    execFileSync('openssl', [...made, '-days', '2', '-subj', '/CN=localhost'], { stdio: 'ignore' })
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    closing({ close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) })
    const { port } = server.address() as AddressInfo
    expect(await publicUrl(`https://localhost:${port}`)).toMatchObject({
      state: 'fail',
      detail: expect.stringMatching(
        /certificate of localhost:\d+ is not accepted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
      ),
    })
  })
})
