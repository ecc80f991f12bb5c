import { jest } from '@jest/globals'
import type { Command } from 'commander'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installCommand } from '../../../cli/commands/actions/install.ts'
import { uninstallCommand } from '../../../cli/commands/actions/uninstall.ts'
import { CliError } from '../../../cli/exit.ts'
import type { MakeBundle } from '../../../cli/install/make-bundle.ts'
import { startSandbox } from '../../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../../sandbox/start-sandbox.ts'
import { oauthBundle, smallAction, smallBundle, widened } from '../../bundle/install/small-bundle.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'

const SETTINGS = [
  'GENESYSCLOUD_OAUTHCLIENT_ID',
  'GENESYSCLOUD_OAUTHCLIENT_SECRET',
  'GENESYSCLOUD_GATEWAY_PROTOCOL',
  'GENESYSCLOUD_GATEWAY_HOST',
  'GENESYSCLOUD_GATEWAY_PORT',
  'FILTER_LEDGER_PUBLIC_URL',
  'FILTER_LEDGER_INSTALL_TOKEN',
] as const
const BASE = ['--base-url', 'https://receiver.example', '--auth', 'bearer']

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox()
  const values = [sandbox.clientId, sandbox.clientSecret, 'http', '127.0.0.1', String(sandbox.port)]
  for (const [index, name] of SETTINGS.entries()) {
    const value = values[index]
    if (value !== undefined) process.env[name] = value
  }
})

afterEach(async () => {
  for (const name of SETTINGS) Reflect.deleteProperty(process.env, name)
  await sandbox.close()
})
afterAll(removeTempFolders)

const plain: MakeBundle = ({ integrationName, baseUrl, auth }) =>
  auth === 'oauth'
    ? { ...oauthBundle(), integrationName, baseUrl }
    : smallBundle({ integrationName, baseUrl, auth })
/** With another contract of its first action. */
const changed: MakeBundle = async (request) => {
  const bundle = await plain(request)
  const [first = smallAction('Get Filter'), ...rest] = bundle.actions
  return { ...bundle, actions: [widened(first, 'requestId'), ...rest] }
}

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command in this process, as main does. */
async function run(command: Command, args: readonly string[]): Promise<Ran> {
  const texts = { out: '', err: '' }
  const spies = (['out', 'err'] as const).map((name) =>
    jest.spyOn(name === 'out' ? process.stdout : process.stderr, 'write').mockImplementation((text) => {
      texts[name] += String(text)
      return true
    }),
  )
  try {
    await command.exitOverride().parseAsync(args, { from: 'user' })
    return { code: 0, ...texts }
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    return { code: error.code, out: texts.out, err: texts.err + error.message }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

const install = (args: readonly string[], make = plain): Promise<Ran> =>
  run(installCommand(make), [...BASE, ...args])
const uninstall = (args: readonly string[]): Promise<Ran> => run(uninstallCommand(plain), args)

function tokenFile(text: string, mode = 0o600): string {
  const file = join(tempFolder(), 'token')
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

describe('actions install', () => {
  test('plans with 2, installs with 0, and has nothing to do after that', async () => {
    const first = await install(['--plan'])
    expect(first.code).toBe(2)
    expect(first.out).toMatch(/^\+ integration "Filter Ledger": there is none[^]*\n6 to do\n$/)
    const token = tokenFile('a-secret-token\n')
    const second = await install(['--token-file', token])
    expect(second).toMatchObject({ code: 0, out: expect.stringMatching(/installed: 6 done, 0 as they were/) })
    expect(second.out + second.err).not.toContain('a-secret-token')
    expect((await install(['--token-file', token])).err).toContain(
      '--renew-credential writes it with what you gave',
    )
    expect(await install(['--plan'])).toMatchObject({ code: 0, out: 'nothing to do\n' })
    expect(await install([])).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^installed: nothing was to do, 6 as they were; the integration is [\w-]+\n$/,
      ),
    })
  })

  test('prints JSON that holds every step, and the ids', async () => {
    process.env['FILTER_LEDGER_INSTALL_TOKEN'] = 'a-secret-token'
    const plan = JSON.parse((await install(['--plan', '--json'])).out) as object
    expect(plan).toMatchObject({
      changes: 6,
      steps: [{ part: 'integration', does: 'create' }, {}, {}, {}, {}, {}],
    })
    const done = await install(['--json'])
    expect(done.err).toBe('')
    expect(JSON.parse(done.out)).toMatchObject({ ok: true, replaced: [], lines: [{}, {}, {}, {}, {}, {}] })
    expect(done.out).not.toContain('a-secret-token')
  })

  test('says which flows have to be pointed where when a contract changes', async () => {
    process.env['FILTER_LEDGER_INSTALL_TOKEN'] = 'a-secret-token'
    await install([])
    const { code, out } = await install([], changed)
    expect(code).toBe(0)
    const ids =
      /"Get Filter" is (\S+) now\. Flows stay bound to (\S+), which goes on as "Get Filter \(replaced /
    const [, fresh, old] = ids.exec(out) ?? []
    expect(fresh).toMatch(/^custom_-_/)
    expect(old).toMatch(/^custom_-_/)
    expect(fresh).not.toBe(old)
    const removed = await install(['--delete-replaced'], changed)
    expect(removed.out).toContain(`deleted      action "Get Filter (replaced`)
    expect(await install(['--plan'], changed)).toMatchObject({ code: 0 })
  })

  test('with oauth takes the client beside its secret', async () => {
    const file = tokenFile('a-client-secret')
    expect(await install(['--auth', 'oauth', '--token-file', file])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--auth oauth needs --client-id'),
    })
    const args = ['--auth', 'oauth', '--token-file', file, '--client-id', 'genesys']
    expect(await install(args)).toMatchObject({ code: 0 })
    expect(await install(args)).toMatchObject({ code: 0, out: expect.stringContaining('nothing was to do') })
  })

  test.each<[string, readonly string[], RegExp]>([
    ['no secret', [], /give the access token .* by --token-file, or in FILTER_LEDGER_INSTALL_TOKEN/],
    ['a secret that others can read', ['--token-file', 'open'], /chmod 600/],
    ['a secret of two lines', ['--token-file', 'two'], /has to be one line/],
    ['an address without TLS', ['--base-url', 'http://receiver.example'], /--base-url must be an https URL/],
    ['an empty name', ['--name', ' '], /--name takes 1 to 256/],
  ])('is refused with %s, and nothing is written', async (_, args, message) => {
    const files: Readonly<Record<string, string>> = {
      open: tokenFile('a-secret', 0o644),
      two: tokenFile('a\nsecret'),
    }
    const { code, err } = await install(args.map((each) => files[each] ?? each))
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(message) })
    expect((await install(['--plan'])).out).toContain('6 to do')
  })

  test('names the permission that a role lacks, and the correlation id, and goes on when it is there', async () => {
    process.env['FILTER_LEDGER_INSTALL_TOKEN'] = 'a-secret-token'
    sandbox.addFault({
      match: { method: 'POST', path: '/api/v2/integrations/actions' },
      fault: { kind: 'status', status: 403, code: 'missing.permissions' },
    })
    const { code, out, err } = await install([])
    expect(code).toBe(1)
    expect(out).toMatch(/created +integration[^]*updated +state of/)
    expect(err).toMatch(/has to hold integrations:action:add \(correlation id [\w-]+\); what was done stays/)
    expect(await install([])).toMatchObject({
      code: 0,
      out: expect.stringContaining('installed: 2 done, 4 as'),
    })
  })

  test('says that nobody answers, once, and that the same command goes on', async () => {
    await sandbox.close()
    sandbox = await startSandbox()
    expect(await install(['--plan'])).toMatchObject({
      code: 3,
      err: expect.stringMatching(/\nGenesys Cloud could not be reached; what was done stays; run the same/),
    })
  }, 60_000)

  test('of a client that is refused says who can tell what is wrong', async () => {
    process.env['GENESYSCLOUD_OAUTHCLIENT_SECRET'] = 'wrong-secret'
    const { code, err } = await install(['--plan'])
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('filter-ledger doctor') })
    expect(err).not.toContain('wrong-secret')
  })
})

describe('actions uninstall', () => {
  test('asks first, deletes with --yes, and then has nothing to do', async () => {
    process.env['FILTER_LEDGER_INSTALL_TOKEN'] = 'a-secret-token'
    await install([])
    const plan = await uninstall(['--plan'])
    expect(plan.code).toBe(2)
    expect(plan.out).toMatch(
      /^- action "Get Filter" \(custom_-_[^]*- credential "Filter Ledger \(token\)"[^]*4 to delete/,
    )
    expect(await uninstall([])).toMatchObject({ code: 2, err: expect.stringContaining('say --yes') })
    expect(await uninstall(['--yes'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('uninstalled: 4 deleted'),
    })
    expect(await uninstall(['--yes'])).toMatchObject({
      code: 0,
      out: 'nothing is installed as "Filter Ledger"\n',
    })
    expect((await install(['--plan'])).out).toContain('6 to do')
  })
})
