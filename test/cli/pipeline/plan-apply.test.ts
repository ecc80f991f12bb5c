import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filterPayload } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { runCli } from '../run-cli.ts'
import { ledgerSize, openShell } from './pipeline-shell.ts'
import type { PipelineShell } from './pipeline-shell.ts'

/** Flags only, so that the lint finds no fault with it. */
function filter(name: string, changes: Readonly<Record<string, unknown>> = {}, pii = 0.9): object {
  const config = {
    content_categories: ['pii'],
    block_action: 'flag_and_pass',
    thresholds: { pii },
    false_positive_tolerance: 0.05,
  }
  return filterPayload(name, { description: `Looks for ${name}`, priority: 'auto', config, ...changes })
}

const SET = [filter('first-guard'), filter('second-guard')]
const matching = (text: string | RegExp): string => expect.stringMatching(text) as string
const containing = (text: string): string => expect.stringContaining(text) as string

afterAll(removeTempFolders)

describe.each(['through a receiver', 'without a receiver'] as const)('plan and apply, %s', (where) => {
  let shell: PipelineShell
  beforeEach(async () => {
    shell = await openShell(where)
  }, 120_000)
  afterEach(() => shell.close())

  const apply = (...more: readonly string[]) => shell.cli('apply', '-f', 'set.json', '--yes', ...more)
  const plan = (...more: readonly string[]) => shell.cli('plan', '-f', 'set.json', ...more)

  test('plan says 2, apply does it, plan says 0, and a second apply writes nothing', async () => {
    shell.write('set.json', SET)
    const planned = await plan()
    expect(planned).toMatchObject({ code: 2, out: matching(/^\+ first-guard\n[\s\S]*\n\+ second-guard\n/) })
    expect(await shell.live()).toEqual([])
    expect(await apply('--reason', 'CAB-31')).toMatchObject({
      code: 0,
      out: matching(/registered: first-guard .*\n.*registered: second-guard .*\napplied: 2 line\(s\)\n$/),
    })
    expect(await plan('--verbose')).toMatchObject({ code: 0, out: matching(/first-guard \(.*\): unchanged/) })
    const before = { size: await ledgerSize(shell), live: await shell.live() }
    expect(await apply()).toMatchObject({ code: 0, out: matching(/\nunchanged: [^\n]+\n$/) })
    expect({ size: await ledgerSize(shell), live: await shell.live() }).toEqual(before)
  }, 120_000)

  test('one changed threshold is one block, with that property alone', async () => {
    shell.write('set.json', SET)
    await apply()
    shell.write('set.json', [SET[0], filter('second-guard', {}, 0.7)])
    const { code, out } = await plan()
    expect(code).toBe(2)
    expect(out.split('\n')).toEqual([
      matching(/^~ second-guard \([^)]+\)$/),
      '    config.thresholds.pii: 0.9 -> 0.7',
      '0 to create, 1 to update, 1 unchanged; 2 of 50 enabled',
      '',
    ])
    expect(await apply()).toMatchObject({ code: 0, out: containing('applied: 1 line(s)') })
    expect((await shell.live()).map(({ version }) => version).sort()).toEqual([1, 2])
  }, 120_000)

  test('a kept plan is carried out as it is, once; changed by hand, or made for another state, it is refused', async () => {
    shell.write('set.json', SET)
    expect(await plan('--out', 'plan.json')).toMatchObject({ code: 2 })
    const text = readFileSync(join(shell.cwd, 'plan.json'), 'utf8')
    writeFileSync(join(shell.cwd, 'altered.json'), text.replaceAll('"pii": 0.9', '"pii": 0.1'))
    expect(await shell.cli('apply', 'altered.json')).toMatchObject({
      code: 1,
      out: matching(/^refused: the plan was changed after it was made/),
    })
    await shell.outside('POST', '', filter('theirs', { priority: 50 }))
    const size = await ledgerSize(shell)
    expect(await shell.cli('apply', 'plan.json')).toMatchObject({
      code: 1,
      out: matching(/^refused: the organization changed .*theirs.*: plan again\n$/),
    })
    expect(await shell.live()).toMatchObject([{ name: 'theirs' }])
    expect(await ledgerSize(shell)).toBe(size)
    await plan('--out', 'plan.json')
    expect(await shell.cli('apply', 'plan.json')).toMatchObject({ code: 0, out: containing('applied: 2') })
    expect(await shell.cli('apply', 'plan.json')).toMatchObject({ code: 0, out: matching(/^unchanged: /) })
    expect(await shell.live()).toHaveLength(3)
  }, 120_000)

  test('what is not ours is a conflict until it is imported, and is never pruned', async () => {
    await shell.outside('POST', '', filter('theirs', { priority: 50 }))
    await shell.outside('POST', '', filter('others', { priority: 60 }))
    shell.write('set.json', [filter('theirs', {}, 0.7), filter('first-guard')])
    const conflict = { code: 1, out: matching(/^! theirs: .*import/m) }
    expect(await plan()).toMatchObject(conflict)
    expect(await apply()).toMatchObject(conflict)
    expect(await shell.live()).toHaveLength(2)
    expect(await shell.cli('import', 'theirs', '--reason', 'CAB-7')).toMatchObject({
      code: 0,
      out: matching(/^registered: theirs /),
    })
    expect(await plan()).toMatchObject({
      code: 2,
      out: matching(/^~ theirs .*\n {4}config.thresholds.pii: 0.9 -> 0.7\n/),
    })
    expect(await apply()).toMatchObject({ code: 0 })
    shell.write('set.json', [filter('first-guard')])
    expect(await plan()).toMatchObject({ code: 0, out: containing('2 left alone') })
    expect(await plan('--prune')).toMatchObject({ code: 2, out: matching(/^- theirs /) })
    expect(await apply('--prune')).toMatchObject({ code: 0, out: matching(/^removed: theirs /m) })
    expect((await shell.live()).map(({ name }) => name).sort()).toEqual(['first-guard', 'others'])
  }, 120_000)

  test('a filter is disabled, enabled, demoted, put back, promoted and deleted by name', async () => {
    shell.write('set.json', [filter('first-guard')])
    await apply()
    const one = async (): Promise<unknown> => (await shell.live())[0]
    expect(await shell.cli('disable', 'first-guard')).toMatchObject({
      code: 0,
      out: matching(/^registered: /),
    })
    expect(await one()).toMatchObject({ enabled: false })
    expect(await shell.cli('disable', 'first-guard')).toMatchObject({
      code: 0,
      out: matching(/^unchanged: /),
    })
    expect(await shell.cli('enable', 'first-guard')).toMatchObject({
      code: 0,
      out: matching(/^registered: /),
    })
    const refused = await shell.cli('promote', 'first-guard')
    expect(refused).toMatchObject({ code: 1, err: '', out: matching(/^rejected: /) })
    expect(await one()).toMatchObject({ config: { block_action: 'flag_and_pass' } })
    const loud = await shell.cli(
      'promote',
      'first-guard',
      '--break-glass',
      '--reason',
      'an attack is under way, INC-7',
    )
    expect(loud).toMatchObject({ code: 0, err: matching(/^!{72}\nBREAK GLASS: first-guard /) })
    expect(await one()).toMatchObject({ config: { block_action: 'block_and_log' } })
    expect(await shell.cli('demote', 'first-guard')).toMatchObject({ code: 0 })
    expect(await one()).toMatchObject({ config: { block_action: 'flag_and_pass' } })
    expect(await shell.cli('rollback', 'first-guard', '--to', '2')).toMatchObject({ code: 0 })
    expect(await one()).toMatchObject({ enabled: false })
    expect(await shell.cli('rollback', 'first-guard')).toMatchObject({
      code: 2,
      err: containing('--to REVISION'),
    })
    expect(await shell.cli('reconcile')).toMatchObject({ code: 0 })
    expect(await shell.cli('delete', 'first-guard')).toMatchObject({ code: 0, out: matching(/^removed: /) })
    expect(await shell.cli('delete', 'first-guard')).toMatchObject({ code: 0, out: matching(/^unchanged: /) })
    expect(await shell.cli('enable', 'absent')).toMatchObject({ code: 1, out: matching(/^rejected: /) })
    expect(await shell.live()).toEqual([])
  }, 180_000)

  test('wrong use and wrong files are told in place, and nothing is done', async () => {
    shell.write('set.json', SET)
    expect(await shell.cli('apply', '-f', 'set.json')).toMatchObject({
      code: 2,
      err: containing('say --yes'),
    })
    expect(await shell.cli('apply')).toMatchObject({ code: 2, err: containing('name a plan file') })
    expect(await shell.cli('apply', 'set.json')).toMatchObject({
      code: 2,
      err: containing('this is no plan of'),
    })
    expect(await shell.cli('apply', 'absent.json')).toMatchObject({ code: 2, err: containing('absent.json') })
    shell.write('wrong.json', [filter('x')])
    const wrong = await shell.cli('plan', '-f', 'wrong.json')
    expect(wrong).toMatchObject({ code: 1, out: '', err: matching(/wrong\.json:\d+:\d+: name: /) })
    expect(await shell.cli('plan', '--bogus')).toMatchObject({ code: 1 })
    expect(await shell.cli('plan')).toMatchObject({ code: 1 })
    expect(await shell.live()).toEqual([])
  }, 120_000)
})

describe('a receiver that is not there', () => {
  test('is exit 3, for plan too', async () => {
    const shell = await openShell('through a receiver')
    shell.write('set.json', SET)
    await shell.close()
    for (const args of [
      ['plan', '-f', 'set.json'],
      ['disable', 'first-guard'],
    ])
      expect(await shell.cli(...args)).toMatchObject({
        code: 3,
        out: '',
        err: containing('could not be reached'),
      })
  }, 120_000)

  test('and one without the scope is exit 1, and names the scope', async () => {
    const shell = await openShell('through a receiver')
    try {
      const token = (
        await runCli(['token', 'issue', '--scope', 'pipeline:read'], { cwd: shell.cwd })
      ).out.trim()
      const refused = await shell.cli('disable', 'first-guard', '--token', token)
      expect(refused).toMatchObject({ code: 1, out: '', err: containing('pipeline:write') })
    } finally {
      await shell.close()
    }
  }, 120_000)
})
