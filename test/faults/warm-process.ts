import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { TEST_KEY_PEM, TEST_SIGNER } from '../support/temp-ledger.ts'
import { realTempFolder } from './strace.ts'

/** Loads in three quarters of the time; what it runs is short. */
const NODE_FLAGS = ['--min-semi-space-size=64', '--no-opt']

/** A process that has loaded the program and waits for orders: loading costs more than carrying one out. */
export interface WarmProcess {
  /** What it said to one order, up to `done` or its death; while a strace with these options looked on, if any. */
  readonly run: (order: string, strace?: readonly string[]) => Promise<readonly string[]>
  readonly isAlive: () => boolean
  readonly end: () => Promise<void>
}

/** Starts one of the scripts beside this file that answer orders. */
export async function startWarmProcess(script: string): Promise<WarmProcess> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, [...NODE_FLAGS, path], {
    env: environment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  let lines: string[] = []
  let onDone = (): void => undefined
  const done = (): Promise<unknown> =>
    Promise.race([new Promise<void>((resolve) => (onDone = resolve)), closed])
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'done') onDone()
    else lines.push(line)
  })
  await done()
  return {
    isAlive: () => child.exitCode === null && child.signalCode === null,
    run: async (order, strace) => {
      lines = []
      const detach = strace && (await attach(child.pid ?? 0, strace))
      const answered = done()
      child.stdin.write(`${order}\n`)
      await answered
      await detach?.()
      return lines
    },
    end: async () => {
      child.stdin.end()
      await closed
    },
  }
}

function environment(): NodeJS.ProcessEnv {
  const folder = realTempFolder()
  const key = join(folder, 'key.pem')
  writeFileSync(key, TEST_KEY_PEM, { mode: 0o600 })
  return {
    PATH: process.env['PATH'],
    // What a killed process leaves in the system's own folder goes away with the test's.
    TMPDIR: folder,
    // strace counts calls by thread.
    UV_THREADPOOL_SIZE: '1',
    FILTER_LEDGER_CHECKPOINT_KEY: key,
    FILTER_LEDGER_ORIGIN: TEST_SIGNER.key.name,
  }
}

async function attach(pid: number, options: readonly string[]): Promise<() => Promise<void>> {
  const strace = spawn('strace', [...options, '-f', '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = once(strace, 'close')
  let told = ''
  await new Promise<void>((resolve, reject) => {
    strace.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text
      if (told.includes('attached')) resolve()
    })
    void closed.then(() => reject(new Error(`strace cannot look on: ${told}`)))
  })
  return async () => {
    strace.kill('SIGINT')
    await closed
  }
}
