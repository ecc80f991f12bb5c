import { chmodSync, copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { checkLedger, checkSchema, checkWriter } from '../../../cli/doctor/check-ledger.ts'
import { checkDisk, checkKeys, checkNode, checkSettings } from '../../../cli/doctor/check-place.ts'
import { loadCheckpointKey } from '../../../cli/checkpoint-key.ts'
import { runChecks } from '../../../cli/doctor/run-checks.ts'
import { CliError, EXIT } from '../../../cli/exit.ts'
import { openReader } from '../../../ledger/store/entry-reader.ts'
import { openDatabase } from '../../../ledger/store/database.ts'
import { MIGRATIONS } from '../../../migrations/migrations.ts'
import { TEST_SIGNER, tempFolder } from '../../support/temp-ledger.ts'
import { growCliLedger, openCliLedger } from '../cli-ledger.ts'
import { diagnose, makePlace, tearDown } from './doctor-house.ts'

afterEach(tearDown)

const NO_KEY_SETTING = { key: undefined, origin: undefined }

async function place() {
  const folder = await makePlace()
  const file = join(folder, 'data/ledger.db')
  const keysFolder = join(folder, 'data/keys')
  return { folder, file, keysFolder, key: loadCheckpointKey(keysFolder).key }
}

describe('the doctor, of the place', () => {
  test.each([
    ['v20.19.0', 'ok'],
    ['v22.1.0', 'ok'],
    ['v20.18.3', 'fail'],
    ['v18.20.0', 'fail'],
  ])('Node.js %s is %s', (version, state) => {
    expect(checkNode(version, '>=20.19')).toMatchObject({ state })
  })

  test('tells every problem of the settings, and looks at all that does not need them', async () => {
    const { folder } = await place()
    const { lines } = await diagnose({
      FILTER_LEDGER_DATA: join(folder, 'data'),
      FILTER_LEDGER_PORT: 'x',
      FILTER_LEDGER_REQUESTS_PER_MINUTE: '301',
      FILTER_LEDGER_PUBLIC_URL: 'http://ledger.example.com',
    })
    const problems = lines.filter(({ name }) => name === 'settings').map(({ detail }) => detail)
    expect(problems).toEqual(
      expect.arrayContaining([
        'FILTER_LEDGER_PORT must be a whole number from 0 to 65535',
        'FILTER_LEDGER_REQUESTS_PER_MINUTE must be a whole number from 1 to 300',
        'GENESYSCLOUD_OAUTHCLIENT_SECRET or GENESYS_CLIENT_SECRET is not set',
      ]),
    )
    const states = Object.fromEntries(lines.map(({ name, state }) => [name, state]))
    expect(states).toMatchObject({ ledger: 'ok', keys: 'ok', genesys: 'warn', 'public-url': 'warn' })
    expect(checkSettings([])).toMatchObject([{ state: 'ok' }])
  })

  test('tells keys that are missing, open to others, or in an open folder', async () => {
    const { keysFolder } = await place()
    const keysLine = () =>
      runChecks([{ name: 'keys', look: () => checkKeys(keysFolder, NO_KEY_SETTING) }], () => undefined)
    expect(await keysLine()).toMatchObject([{ state: 'ok' }])
    chmodSync(keysFolder, 0o755)
    expect(await keysLine()).toMatchObject([{ state: 'warn', advice: expect.stringContaining('chmod 700') }])
    chmodSync(join(keysFolder, 'reference-key.hex'), 0o644)
    expect(await keysLine()).toMatchObject([{ state: 'fail', detail: expect.stringContaining('chmod 600') }])
    rmSync(join(keysFolder, 'reference-key.hex'))
    expect(await keysLine()).toMatchObject([{ state: 'fail', detail: expect.stringContaining('keys init') }])
  })

  test.each([
    [2 ** 40, 'ok'],
    [2 ** 29, 'warn'],
    [2 ** 26, 'fail'],
  ])('%i free bytes are %s', (bytes, state) => {
    expect(checkDisk('/somewhere', () => bytes)).toMatchObject({ state })
  })
})

describe('the doctor, of the ledger', () => {
  test('verifies the head by the key at hand, while a receiver writes', async () => {
    const { folder, file, key } = await place()
    expect(checkWriter(file)).toMatchObject({ state: 'warn' })
    const ledger = await openCliLedger(folder)
    expect(checkWriter(file)).toMatchObject({ state: 'ok' })
    expect(await checkLedger({ file, key, checkpointFile: undefined })).toMatchObject({
      state: 'ok',
      detail: expect.stringContaining('3 entries, the head holds, signed by the key at hand'),
    })
    await ledger.close()
    expect(checkWriter(file)).toMatchObject({ state: 'warn' })
    // A look must not keep the next writer out.
    await (await openCliLedger(folder)).close()
  })

  test('tells an entry that was changed behind its back, and another key', async () => {
    const { file, key } = await place()
    const other = await checkLedger({ file, key: TEST_SIGNER.key, checkpointFile: undefined })
    expect(other).toMatchObject({ state: 'fail', detail: expect.stringContaining('[origin-mismatch]') })
    const database = new Database(file)
    database.exec('DROP TRIGGER IF EXISTS entries_no_update')
    for (const { name } of database
      .prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`)
      .all())
      database.exec(`DROP TRIGGER "${name}"`)
    database.prepare('UPDATE entries SET leaf_hash = ? WHERE idx = 1').run(Buffer.alloc(32, 7))
    database.close()
    expect(await checkLedger({ file, key, checkpointFile: undefined })).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('[head-mismatch]'),
      advice: expect.stringContaining('ledger verify'),
    })
  })

  test('tells a copy that was rolled back behind the checkpoint that is kept outside', async () => {
    const { folder, file, key } = await place()
    const copy = join(folder, 'copy.db')
    copyFileSync(file, copy)
    await growCliLedger(folder, 2)
    const reader = await openReader({ file, migrations: MIGRATIONS })
    const checkpointFile = join(folder, 'checkpoint')
    writeFileSync(checkpointFile, reader.log.checkpoint() ?? '')
    await reader.close()
    expect(await checkLedger({ file, key, checkpointFile })).toMatchObject({
      state: 'ok',
      detail: expect.stringContaining('goes on from entry 5 kept outside'),
    })
    expect(await checkLedger({ file: copy, key, checkpointFile })).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('[ledger-rolled-back]'),
    })
  })

  test('tells a file that is not there, is no ledger, or has an older schema, and changes none of them', async () => {
    const folder = tempFolder()
    const missing = join(folder, 'missing.db')
    expect(await checkLedger({ file: missing, key: undefined, checkpointFile: undefined })).toMatchObject({
      state: 'fail',
      advice: expect.stringContaining('serve'),
    })
    const text = join(folder, 'text.db')
    writeFileSync(text, 'this is text'.repeat(100))
    expect(await checkLedger({ file: text, key: undefined, checkpointFile: undefined })).toMatchObject({
      state: 'fail',
      advice: 'check FILTER_LEDGER_DB',
    })
    const older = join(folder, 'older.db')
    await (await openDatabase({ file: older, migrations: MIGRATIONS.slice(0, 1), mode: 'write' })).close()
    expect(await checkSchema(older)).toMatchObject({
      state: 'fail',
      advice: expect.stringContaining('migrate'),
    })
    expect(await checkSchema(older)).toMatchObject({ state: 'fail' })
    expect(await checkLedger({ file: older, key: undefined, checkpointFile: undefined })).toMatchObject({
      state: 'warn',
    })
    const unused = join(folder, 'unused.db')
    await (await openDatabase({ file: unused, migrations: MIGRATIONS, mode: 'write' })).close()
    expect(
      await checkLedger({ file: unused, key: TEST_SIGNER.key, checkpointFile: undefined }),
    ).toMatchObject({ state: 'warn', detail: expect.stringContaining('never written to') })
    const newer = new Database(older)
    newer.exec(`INSERT INTO migrations (timestamp, name) VALUES (9, 'FromTheFuture9')`)
    newer.close()
    expect(await checkSchema(older)).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('FromTheFuture9'),
    })
  })
})

describe('checks', () => {
  test('that throw, or never end, are lines of their own and stop no other', async () => {
    const told: string[] = []
    const lines = await runChecks(
      [
        { name: 'never', timeoutMs: 50, look: () => new Promise(() => undefined) },
        {
          name: 'ours',
          look: () => {
            throw new CliError(EXIT.usage, 'do this')
          },
        },
        {
          name: 'unforeseen',
          look: () => Promise.reject(new Error('with the password hunter2 in it')),
        },
        { name: 'well', look: () => ({ state: 'ok', detail: 'well' }) },
      ],
      ({ name }) => told.push(name),
    )
    expect(lines.map(({ state, detail }) => [state, detail])).toEqual([
      ['fail', 'not done within 0.05 s'],
      ['fail', 'do this'],
      ['fail', 'the check itself failed (Error): please report it'],
      ['ok', 'well'],
    ])
    expect(told).toEqual(['never', 'ours', 'unforeseen', 'well'])
  })
})
