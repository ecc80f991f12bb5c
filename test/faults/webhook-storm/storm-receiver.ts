import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { BIN } from '../../cli/run-cli.ts'
import { call } from '../../receiver/http-caller.ts'
import { watchLog } from './watch-log.ts'
import type { LogWatch } from './watch-log.ts'

/** `serve` as a process of its own that keeps its address, and a supervisor that starts it again. */
export interface StormReceiver {
  readonly url: string
  readonly log: LogWatch
  /** Starts that were refused because the ledger could not be had at that time. */
  readonly refusedStarts: readonly string[]
  /** Resolves when it listens. A start that is refused with "come back" is tried again. */
  readonly start: () => Promise<void>
  /** `kill -9`. */
  readonly kill: () => Promise<void>
  /** SIGTERM, and the exit code. */
  readonly drain: () => Promise<number | null>
  /** Stops it where it stands, and lets it go on. */
  readonly freeze: () => unknown
  readonly thaw: () => unknown
  readonly isReady: () => Promise<boolean>
}

const RESTART_MS = 100

/** @param env its whole environment but for the port and PATH */
export async function stormReceiver(env: Readonly<Record<string, string>>): Promise<StormReceiver> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const log = watchLog()
  const refusedStarts: string[] = []
  let child: ChildProcess | undefined
  let isOurs = false

  const startOnce = async (): Promise<boolean> => {
    const begun = spawn(process.execPath, [BIN, 'serve'], {
      env: { PATH: process.env['PATH'] ?? '', FILTER_LEDGER_PORT: String(port), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = begun
    isOurs = false
    let err = ''
    begun.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    const listens = new Promise<true>((resolve) => {
      createInterface({ input: begun.stdout }).on('line', (line) => {
        if (log.read(line) === 'the receiver listens') resolve(true)
      })
    })
    const ended = once(begun, 'close').then(() => {
      const refusal = /\[(ledger-(?:busy|full|unavailable))\]/.exec(err)?.[1]
      if (begun.exitCode === 3 && refusal !== undefined) refusedStarts.push(refusal)
      else if (err !== '' || (!isOurs && begun.exitCode !== 0))
        log.problems.push(`the receiver ended with ${begun.exitCode ?? 'a signal'}: ${err}`)
      return false
    })
    return Promise.race([listens, ended])
  }
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    isOurs = true
    const ending = child
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return ending?.exitCode ?? null
    ending.kill(signal)
    await once(ending, 'close')
    return ending.exitCode
  }

  return {
    url,
    log,
    refusedStarts,
    start: async () => {
      while (!(await startOnce())) {
        if (log.problems.length > 0) throw new Error(log.problems.join('\n'))
        await sleep(RESTART_MS)
      }
    },
    kill: async () => {
      await end('SIGKILL')
    },
    drain: () => end('SIGTERM'),
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    isReady: async () => {
      const ready = await call(`${url}/health/ready`).catch(() => undefined)
      return ready?.status === 200
    },
  }
}

/**
 * A port for a receiver that comes and goes. Not one that the system gives to outgoing connections: while nobody
 * listens, one of those could take it.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const server = createServer()
    const bound = new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!(await bound)) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}
