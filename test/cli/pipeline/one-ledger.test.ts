import { filterPayload } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { runCli } from '../run-cli.ts'
import { openShell } from './pipeline-shell.ts'

afterAll(removeTempFolders)

describe('one ledger file and several processes', () => {
  test('deployments at once follow each other: all are registered, names and priorities unique', async () => {
    const shell = await openShell('without a receiver')
    try {
      const names = ['first-guard', 'second-guard', 'third-guard']
      for (const name of names) shell.write(`${name}.json`, filterPayload(name, { priority: 'auto' }))
      const results = await Promise.all(
        names.map((name) => shell.cli('deploy', `${name}.json`, '--wait', '60')),
      )
      for (const result of results)
        expect(result).toMatchObject({ code: 0, out: expect.stringMatching(/^registered: /) as string })
      const live = await shell.live()
      expect(live.map(({ name }) => name).sort()).toEqual(names.toSorted())
      expect(new Set(live.map(({ priority }) => priority)).size).toBe(3)
      expect(await runCli(['ledger', 'verify'], { cwd: shell.cwd })).toMatchObject({ code: 0 })
    } finally {
      await shell.close()
    }
  }, 120_000)

  test('beside a receiver, plan reads; what writes waits, and without patience is told to come back', async () => {
    const shell = await openShell('through a receiver')
    try {
      const here = (...args: readonly string[]) => runCli(args, { cwd: shell.cwd, env: shell.env })
      shell.write('set.json', [filterPayload('first-guard')])
      await shell.cli('apply', '-f', 'set.json', '--yes', '--no-lint')
      expect(await here('plan', '-f', 'set.json', '--no-lint')).toMatchObject({
        code: 0,
        err: '',
        out: expect.stringContaining('1 unchanged') as string,
      })
      expect(await here('disable', 'first-guard', '--wait', '0')).toMatchObject({
        code: 3,
        out: '',
        err: expect.stringContaining('[ledger-in-use]') as string,
      })
      expect(await here('disable', 'first-guard', '--wait', '1')).toMatchObject({
        code: 3,
        err: expect.stringMatching(
          /^waiting up to 1 s: another process writes to this ledger\n.*ledger-in-use/,
        ) as string,
      })
      expect(await shell.live()).toMatchObject([{ enabled: true }])
    } finally {
      await shell.close()
    }
  }, 120_000)
})
