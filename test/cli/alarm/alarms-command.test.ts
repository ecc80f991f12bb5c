import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { filterPayload, textMember } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'
import { runCli, serveCli } from '../run-cli.ts'
import type { Served } from '../run-cli.ts'

const cwd = tempFolder()
const told: string[] = []
let hook: Server
let served: Served
let env: Readonly<Record<string, string>>

beforeAll(async () => {
  hook = createServer((request, answer) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      told.push(body)
      answer.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`
  env = { FILTER_LEDGER_ALARM_URL: url, FILTER_LEDGER_ALARM_DEMOTE: 'on' }
  served = await serveCli({ cwd, env })
}, 60_000)
afterAll(async () => {
  await served.end('SIGTERM')
  await new Promise((resolve) => hook.close(resolve))
  removeTempFolders()
})

const cli = (...args: readonly string[]) => runCli(args, { cwd })

async function post(token: string, action: string, input: object): Promise<unknown> {
  const answer = await fetch(`${served.url}/actions/${action}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  expect(answer.status).toBe(200)
  return answer.json()
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setTimeout(100)
}

const versionsOf = (out: string) =>
  (JSON.parse(out) as { readonly versions: readonly Readonly<Record<string, unknown>>[] }).versions

async function deploy(token: string, name: string): Promise<string> {
  writeFileSync(join(cwd, 'filter.json'), JSON.stringify(filterPayload(name)))
  const { out } = await cli('deploy', 'filter.json', '--receiver', served.url, '--token', token, '--json')
  return textMember(JSON.parse(out), 'filterId')
}

/** Four blocks, all of them wrong. */
async function fourWrong(token: string, filterId: string): Promise<void> {
  const block = { filterId, filterVersion: 1, category: 'pii', score: 0.95, threshold: 0.9 }
  for (let i = 0; i < 4; i++) {
    const facts = { ...block, actionTaken: 'blocked', direction: 'input' }
    const blockId = textMember(await post(token, 'record-block', facts), 'entryId')
    await post(token, 'report-verdict', { blockId, verdict: 'false_positive', reviewerId: 'r-1' })
  }
}

describe('an alarm, beside a receiver that is served', () => {
  test('is told, acted upon, and an exit code; after a restart it is not told again', async () => {
    const scopes = ['deploy-filter', 'record-block', 'report-verdict'].map((name) => `actions:${name}`)
    const issued = await cli('token', 'issue', '--subject', 'flow', '--scope', ...scopes)
    const token = issued.out.trim()
    const first = await deploy(token, 'guard')
    expect(await cli('alarms')).toMatchObject({ code: 0, err: '' })
    await fourWrong(token, first)
    await until(async () => (await cli('alarms', '--all', '--json')).out.includes('"done"'))
    // The demoted filter is another version: nothing that is in force is in alarm any more.
    expect(await cli('alarms')).toMatchObject({ code: 0 })
    const past = await cli('alarms', '--all')
    expect(past.code).toBe(0)
    expect(past.out).toMatch(/^guard +1 \(past\) +0\.03 +0 +4 .* YES, entry \d+ +done$/m)
    expect(versionsOf((await cli('alarms', '--all', '--json')).out)).toMatchObject([
      { filterId: first, filterVersion: 1, inForce: false, tp: 0, fp: 4, alarm: true },
    ])
    await until(() => told.length > 0)
    await served.end('SIGTERM')
    served = await serveCli({ cwd, env })
    const second = await deploy(token, 'second')
    await fourWrong(token, second)
    await until(() => told.length > 1)
    // Two filters are watched now: that is an alarm, and not yet enough to act upon.
    const common = { type: 'filter_ledger.alarm', filterVersion: 1, fp: 4 }
    expect(told.map((body) => JSON.parse(body) as unknown)).toMatchObject([
      { ...common, filterId: first, demotion: 'asked' },
      { ...common, filterId: second, demotion: 'withheld' },
    ])
    const now = await cli('alarms')
    expect(now).toMatchObject({ code: 1, err: '' })
    expect(now.out).toMatch(/^second version 1: withheld, an automatic action needs an e-value of 40/m)
  }, 120_000)

  test('a ledger that is not there is told in a line', async () => {
    const { code, err } = await cli('alarms', '--db', 'nowhere.db')
    expect(code).not.toBe(0)
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})
