import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runCli } from '../cli/run-cli.ts'
import {
  openTempLedger,
  removeTempFolders,
  tempFolder,
  TEST_KEY_PEM,
  TEST_SIGNER,
} from '../support/temp-ledger.ts'
import { checkAfterFault, readAcknowledged } from './after-fault.ts'

afterAll(removeTempFolders)

const WRITER = fileURLToPath(new URL('../support/append-forever.js', import.meta.url))

describe('two processes that open one ledger for writing', () => {
  test('the second is refused with what to do, however often it asks; the first goes on; then it is free', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const key = `${file}.key.pem`
    writeFileSync(key, TEST_KEY_PEM, { mode: 0o600 })
    const first = spawn(process.execPath, [WRITER, file, key], { stdio: ['ignore', 'pipe', 'inherit'] })
    const closed = once(first, 'close')
    const lines: string[] = []
    const onLine = createInterface({ input: first.stdout }).on('line', (line) => lines.push(`ack ${line}`))
    await once(onLine, 'line')
    const env = { FILTER_LEDGER_CHECKPOINT_KEY: key, FILTER_LEDGER_ORIGIN: TEST_SIGNER.key.name }
    const second = await runCli(['migrate', '--db', file], { cwd: tempFolder(), env })
    expect(second).toMatchObject({
      code: 3,
      out: '',
      err: `filter-ledger: another process writes to ${file}: stop it first, or talk to it over HTTP [ledger-in-use]\n`,
    })
    for (let n = 0; n < 20; n++)
      await expect(openTempLedger({ file })).rejects.toMatchObject({ code: 'ledger-in-use' })
    const before = lines.length
    while (lines.length < before + 100) await once(onLine, 'line')
    first.kill('SIGKILL')
    await closed
    // The system takes the lock back from a process that was killed: nothing is left to clear away.
    await checkAfterFault(file, readAcknowledged(lines))
  }, 60_000)
})
