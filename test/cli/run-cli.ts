import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The program as it is installed. */
export const BIN = fileURLToPath(new URL('../../bin/filter-ledger.js', import.meta.url))

export interface CliResult {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface CliOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Runs the built program as a shell would. Only PATH comes from this process's environment. */
export async function runCli(args: readonly string[], { cwd, env, input }: CliOptions): Promise<CliResult> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  child.stdin.end(input ?? '')
  await once(child, 'close')
  return { code: child.exitCode, out, err }
}

/** Runs it, reads the first byte of what it prints, and hangs up. */
export async function hangUp(
  args: readonly string[],
  { cwd, env }: CliOptions,
): Promise<Omit<CliResult, 'out'>> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  await once(child.stdout, 'readable')
  child.stdout.read(1)
  child.stdout.destroy()
  await once(child, 'close')
  return { code: child.exitCode, err }
}

export interface Served {
  readonly url: string
  readonly child: ChildProcess
  /** Every line logged so far. */
  readonly lines: readonly string[]
  /** Sends the signal and gives the exit code, or null when the signal ended it. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>
}

/** Starts `serve` and waits until it listens. `wrapper` runs it under another command. */
export async function serveCli(
  options: CliOptions & { readonly args?: readonly string[]; readonly wrapper?: string },
): Promise<Served> {
  const { cwd, env, args = ['--sandbox'], wrapper } = options
  const command = [process.execPath, BIN, 'serve', ...args]
  const shell = wrapper === undefined ? undefined : ['bash', '-c', `${wrapper}; exec "$@"`, 'bash']
  const [file = '', ...rest] = [...(shell ?? []), ...command]
  const child = spawn(file, rest, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', FILTER_LEDGER_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) =>
      reject(new Error(`serve ended with ${code ?? 'a signal'}: ${lines.join('\n')}`)),
    )
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line)
      const logged = JSON.parse(line) as { readonly msg: string; readonly url?: string }
      if (logged.msg === 'the receiver listens' && logged.url !== undefined) resolve(logged.url)
    })
  })
  return {
    url,
    child,
    lines,
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal)
        await once(child, 'close')
      }
      return child.exitCode
    },
  }
}
