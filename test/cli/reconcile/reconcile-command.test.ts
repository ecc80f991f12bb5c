import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startSandbox } from '../../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../../sandbox/start-sandbox.ts'
import { call, FILTERS, filterPayload, login, textMember } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'
import { runCli } from '../run-cli.ts'

const cwd = tempFolder()
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox({ delivery: { retries: 0 } })
  await runCli(['keys', 'init'], { cwd })
}, 30_000)
afterAll(async () => {
  await sandbox.close()
  removeTempFolders()
})

const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCli(args, {
    cwd,
    env: {
      GENESYSCLOUD_OAUTHCLIENT_ID: sandbox.clientId,
      GENESYSCLOUD_OAUTHCLIENT_SECRET: sandbox.clientSecret,
      GENESYSCLOUD_GATEWAY_HOST: '127.0.0.1',
      GENESYSCLOUD_GATEWAY_PORT: String(sandbox.port),
      GENESYSCLOUD_GATEWAY_PROTOCOL: 'http',
      FILTER_LEDGER_PUBLIC_URL: 'http://127.0.0.1:9',
      FILTER_LEDGER_WEBHOOK_JWKS: sandbox.jwksUrl,
      ...env,
    },
  })

describe('reconcile', () => {
  test('says drift by its exit code, and none once it is answered', async () => {
    const payload = filterPayload('guard')
    writeFileSync(join(cwd, 'filter.json'), JSON.stringify(payload))
    const { out } = await cli(['deploy', 'filter.json', '--json'])
    const filterId = textMember(JSON.parse(out), 'filterId')
    expect(await cli(['reconcile'])).toMatchObject({ code: 0, err: '' })
    const token = await login(sandbox)
    const body = { ...payload, enabled: false, priority: 10 }
    await call(sandbox, 'PUT', `${FILTERS}/${filterId}`, { token, body })
    const found = await cli(['reconcile'])
    expect(found).toMatchObject({ code: 1, err: '' })
    expect(found.out).toContain('enabled true -> false')
    const answered = await cli(['reconcile', '--revert', '--only', 'guard', '--json'])
    expect(answered).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(answered.out)).toMatchObject({ status: 'answered', compared: 1 })
    expect(await cli(['reconcile'])).toMatchObject({ code: 0, out: '1 filter compared: no drifts\n' })
  }, 60_000)

  test('says what is wrong with its use in a line', async () => {
    expect(await cli(['reconcile', '--only', 'guard'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('say --adopt or --revert too') as string,
    })
    expect(await cli(['reconcile', '--adopt', '--revert'])).toMatchObject({ code: 2 })
    expect(await cli(['reconcile'], { FILTER_LEDGER_RECONCILE_MINUTES: 'hourly' })).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        'FILTER_LEDGER_RECONCILE_MINUTES must be a whole number from 0 to',
      ) as string,
    })
  }, 60_000)

  test('is told when Genesys Cloud is away', async () => {
    expect(await cli(['reconcile'], { GENESYSCLOUD_GATEWAY_PORT: '1' })).toMatchObject({
      code: 3,
      err: expect.stringContaining('could not be reached') as string,
    })
  }, 60_000)
})
