import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { runCli, serveCli } from './run-cli.ts'

afterAll(removeTempFolders)

const GUARD = `name: yaml-guard
config:
  content_categories: [pii]
  block_action: flag_and_pass
  thresholds: { pii: 0.5 }
  false_positive_tolerance: 0.1
`

describe('deploy, of a YAML file', () => {
  test('deploys the filter in it as if it were JSON', async () => {
    const cwd = tempFolder()
    writeFileSync(join(cwd, 'guard.yaml'), GUARD)
    const server = await serveCli({ cwd })
    try {
      const issued = await runCli(
        ['token', 'issue', '--scope', 'actions:deploy-filter', '--subject', 'test'],
        { cwd },
      )
      const through = ['--receiver', server.url, '--token', issued.out.trim()]
      expect(await runCli(['deploy', 'guard.yaml', ...through], { cwd })).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^registered: yaml-guard /),
      })
      expect(await runCli(['deploy', 'guard.yaml', ...through], { cwd })).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^unchanged: yaml-guard /),
      })
    } finally {
      await server.end('SIGTERM')
    }
  })

  test('is refused with the place of what is wrong in it, and when it holds more than one', async () => {
    const cwd = tempFolder()
    writeFileSync(join(cwd, 'wrong.yaml'), GUARD.replace('0.5', '"0.5"'))
    writeFileSync(join(cwd, 'two.yml'), `${GUARD}---\n${GUARD.replace('yaml-guard', 'other-guard')}`)
    const wrong = await runCli(['deploy', 'wrong.yaml'], { cwd })
    expect(wrong).toMatchObject({ code: 2, out: '' })
    expect(wrong.err).toContain('wrong.yaml:5:22: config.thresholds.pii: ')
    const two = await runCli(['deploy', 'two.yml'], { cwd })
    expect(two).toMatchObject({ code: 2, err: expect.stringContaining('two.yml holds 2 filters') })
  })
})
