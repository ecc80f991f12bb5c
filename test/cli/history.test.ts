import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { nearNames } from '../../cli/history/near-names.ts'
import { plainJson, plainYaml } from '../../cli/history/plain-text.ts'
import { readInstant } from '../../cli/history/read-instant.ts'
import { initKeys } from '../../cli/keys-folder.ts'
import type { EntryDraft, JsonObject } from '../../ledger/entry/entry.ts'
import type { Ledger } from '../../ledger/store/open-ledger.ts'
import { draft, removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { growCliLedger, openCliLedger } from './cli-ledger.ts'
import { runCli } from './run-cli.ts'

const EVIL = 'guard\u001b[2J\u202e'
const second = (n: number): string => `2026-01-31T12:00:0${n}Z`

function filter(id: string, name: string, changes: JsonObject = {}): JsonObject {
  const config = { block_action: 'block_and_log', thresholds: { toxicity: 0.8 } }
  return { id, name, enabled: true, priority: 10, config, ...changes }
}

function settled(at: string, data: JsonObject & { filter: JsonObject }, given: Partial<EntryDraft> = {}) {
  return draft({
    type: 'deployment.registered',
    occurredAt: at,
    action: 'deploy',
    actor: { type: 'user', id: 'operator', onBehalfOf: 'chief' },
    entity: { type: 'filter' },
    data: {
      filterId: data.filter['id'],
      deploymentId: 'd',
      reason: 'first cut',
      ticketRef: 'CHG-1',
      ...data,
    },
    ...given,
  })
}

const ENTRIES: readonly EntryDraft[] = [
  settled(second(1), { change: 'created', filter: filter('f-1', 'guard', { version: 1 }) }),
  draft({
    type: 'filter.updated',
    occurredAt: second(3),
    entity: { type: 'filter', id: 'f-1' },
    data: { filter: filter('f-1', 'guard', { version: 2, enabled: false }) },
  }),
  settled(
    second(5),
    { filter: filter('f-1', 'guard', { version: 2, enabled: false }) },
    { type: 'deployment.removed', action: 'delete' },
  ),
  settled(second(6), { filter: filter('f-2', 'guard', { version: 1, priority: 20 }) }),
  settled(second(7), { filter: filter('f-3', EVIL, { version: 1 }) }),
]

const cwd = tempFolder()
let ledger: Ledger

beforeAll(async () => {
  await initKeys(join(cwd, 'data/keys'))
  ledger = await openCliLedger(cwd)
  for (const entry of ENTRIES) await ledger.append({ entry })
})
afterAll(async () => {
  await ledger.close()
  removeTempFolders()
})

const cli = (...args: readonly string[]) => runCli(args, { cwd })

describe('filter-ledger history, beside a ledger that is being written', () => {
  test('tells each life of a name: when, what, who, why, and what changed', async () => {
    const { code, out, err } = await cli('history', 'guard')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.split('\n')).toEqual([
      'guard (f-1), removed, 3 revisions',
      `  1  ${second(1)}  deploy, version 1, by user operator on behalf of chief`,
      '     why: first cut; ticket CHG-1',
      '     entry 0: not confirmed by an event yet',
      `  2  ${second(3)}  update, version 2, by client a-client`,
      '     enabled: true -> false',
      "     entry 1: an outside change, told by the sender's event alone",
      `  3  ${second(5)}  delete, version 2, by user operator on behalf of chief`,
      '     why: first cut; ticket CHG-1',
      '     entry 2: not confirmed by an event yet',
      '',
      'guard (f-2), live, 1 revision',
      `  1  ${second(6)}  deploy, version 1, by user operator on behalf of chief`,
      '     why: first cut; ticket CHG-1',
      '     entry 3: not confirmed by an event yet',
      '',
    ])
  })

  test('gives the same as JSON, with an id in place of the name', async () => {
    const { out } = await cli('history', 'f-1', '--json')
    expect(JSON.parse(out)).toMatchObject({
      complete: true,
      filters: [{ filterId: 'f-1', revisions: [{ number: 1 }, { number: 2 }, { deleted: true }] }],
    })
  })

  test('suggests names that are near, and lets no name near the terminal as it is', async () => {
    const { code, err } = await cli('history', 'guarrd\u001b')
    expect(code).toBe(1)
    expect(err).toMatch(/knows no filter guarrd\?; did you mean guard/)
    const evil = await cli('history', 'f-3')
    expect(evil.out).toMatch(/^guard\?\[2J\? \(f-3\)/)
    const shown = await cli('show', 'f-3')
    expect(`${shown.out}${shown.err}${err}`).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
    expect(JSON.parse(shown.out)).toMatchObject({ name: EVIL })
  })
})

describe('filter-ledger show', () => {
  test.each([
    [second(1), { enabled: true, priority: 10 }],
    [second(4), { enabled: false, priority: 10 }],
    [second(6), { enabled: true, priority: 20 }],
    ['2026-01-31', { enabled: true, priority: 20 }],
  ])('prints the payload of the filter that had the name at %s', async (at, expected) => {
    const { code, out } = await cli('show', 'guard', '--at', at)
    expect(code).toBe(0)
    const payload = JSON.parse(out) as object
    expect(payload).toMatchObject(expected)
    expect(Object.keys(payload).sort()).toEqual(['config', 'enabled', 'name', 'priority'])
  })

  test('says what a filter is that was not there', async () => {
    const early = await cli('show', 'guard', '--at', '2026-01-30')
    expect(early).toMatchObject({ code: 1, out: '' })
    expect(early.err).toContain('was not there yet')
    const removed = await cli('show', 'f-1', '--at', second(5))
    expect(removed).toMatchObject({ code: 1, out: '' })
    expect(removed.err).toContain(`guard (f-1) was removed: ${second(5)}, delete by user operator`)
  })

  test('prints all of them as they stood, as JSON and as YAML', async () => {
    const json = await cli('show', '--at', second(7))
    expect(JSON.parse(json.out)).toMatchObject([{ name: 'guard', priority: 20 }, { name: EVIL }])
    const yaml = await cli('show', '--yaml')
    expect(parseAllDocuments(yaml.out).map((document) => document.toJS() as unknown)).toMatchObject([
      { name: 'guard', priority: 20 },
      { name: EVIL },
    ])
    expect(await cli('show', '--at', second(0))).toMatchObject({ code: 0, out: '[]\n' })
  })

  test.each([
    [['show', '--at', '2026-02-30']],
    [['show', '--at', '2999-01-01']],
    [['show', '--json', '--yaml']],
    [['show', '--db', 'nowhere.db']],
    [['history', 'guard', '--db', 'nowhere.db']],
  ])('refuses %j as wrong use, in one line', async (args) => {
    const { code, err } = await cli(...args)
    expect(code).toBe(2)
    expect(err).toMatch(/^filter-ledger: [^\n]+\n$/)
  })
})

describe('a history of which a part is archived', () => {
  test('is whole while the archive is there, and says that it is not when it is away', async () => {
    const folder = tempFolder()
    await initKeys(join(folder, 'data/keys'))
    const own = await openCliLedger(folder)
    for (const entry of ENTRIES) await own.append({ entry })
    await own.close()
    await growCliLedger(folder, 300)
    const archive = join(folder, 'data/archive')
    const moved = await runCli(['ledger', 'archive', '--before', '256', '--to', archive], { cwd: folder })
    expect(moved).toMatchObject({ code: 0 })
    const whole = await runCli(['history', 'guard', '--json'], { cwd: folder })
    expect(JSON.parse(whole.out)).toMatchObject({ complete: true, filters: [{}, {}] })
    renameSync(archive, `${archive}-away`)
    const parted = await runCli(['history', 'f-1'], { cwd: folder })
    expect(parted.err).toContain('the history is incomplete: 256 entries of data/ledger.db are archived')
    expect(parted.code).toBe(0)
    expect(await runCli(['history', 'guard'], { cwd: folder })).toMatchObject({ code: 1 })
  })
})

test('an instant is a time, or the end of a day, and never to come', () => {
  const now = new Date('2026-01-31T12:00:00Z')
  const read = (text: string): string => readInstant('--at', text, now)
  expect(read('2026-01-31T11:00:00.5Z')).toBe('2026-01-31T11:00:00.5Z')
  expect(read('2026-01-30')).toBe('2026-01-30T23:59:59.999999999Z')
  expect(read('2026-01-31')).toBe('2026-01-31T12:00:00.000Z')
  for (const text of ['2026-02-01', '2026-01-31T12:00:01Z', '2026-01-31T11:00:00+01:00', 'now', ''])
    expect(() => read(text)).toThrow('--at')
})

test('near names are those a slip away, the nearest first', () => {
  const names = ['guard', 'guard-v2', 'sentry', 'gourd', '']
  expect(nearNames('goard', names)).toEqual(['gourd', 'guard'])
  expect(nearNames('guard-', names)).toEqual(['guard', 'guard-v2'])
  expect(nearNames('zzz', names)).toEqual([])
})

test('plain texts read back as they were', () => {
  const value = { name: 'a\u0085b\u202ec\u{e0001}d', list: ['x', 1, true] }
  expect(JSON.parse(plainJson(value))).toEqual(value)
  expect(parseAllDocuments(plainYaml(value))[0]?.toJS()).toEqual(value)
  expect(plainJson(value) + plainYaml(value)).not.toMatch(/[\u0080-\u009f\p{Cf}]/u)
})
