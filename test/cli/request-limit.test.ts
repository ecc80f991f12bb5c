import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startSandbox } from '../../sandbox/start-sandbox.ts'
import { entriesFrom } from './cli-ledger.ts'
import { closing, envOf, makePlace, tearDown } from './doctor/doctor-house.ts'
import { runCli } from './run-cli.ts'

const EXAMPLE = new URL('../../examples/production-toxicity-guard.json', import.meta.url)

afterEach(tearDown)

describe('FILTER_LEDGER_REQUESTS_PER_MINUTE', () => {
  test('is one limit for all that a process sends, its login too: what is beyond is not sent, and told at once', async () => {
    const cwd = await makePlace()
    const sandbox = closing(await startSandbox())
    writeFileSync(join(cwd, 'filter.json'), readFileSync(EXAMPLE))
    const deploy = (perMinute: string) =>
      runCli(['deploy', 'filter.json', '--json'], {
        cwd,
        env: { ...envOf(cwd, sandbox), FILTER_LEDGER_REQUESTS_PER_MINUTE: perMinute },
      })
    // A login and two lists use up three.
    const held = await deploy('3')
    expect({ code: held.code, outcome: JSON.parse(held.out) as unknown }).toMatchObject({
      code: 3,
      outcome: { status: 'failed', errorCode: 'genesys_rate_limited' },
    })
    const [, failed] = await entriesFrom(cwd, 3)
    expect(failed).toMatchObject({ type: 'deployment.failed' })
    expect(await deploy('30')).toMatchObject({ code: 0, out: expect.stringContaining('"registered"') })
  }, 60_000)
})
