import { spawnSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { tempFolder } from '../support/temp-ledger.ts'

/** The calls that change what is on the disk. */
const WRITE_CALLS =
  'write,pwrite64,writev,pwritev,fsync,fdatasync,ftruncate,truncate,unlink,unlinkat,rename,renameat,renameat2'

/** One call of a run on one file: the `nth` of this name that the run makes on it. */
export interface WriteCall {
  readonly name: string
  readonly path: string
  readonly nth: number
}

/** What becomes of the call: the process is killed in front of it, or it fails. */
export const EFFECTS = ['signal=KILL', 'error=EIO', 'error=ENOSPC'] as const
export type Effect = (typeof EFFECTS)[number]

export interface Fault extends WriteCall {
  readonly effect: Effect
}

/** Why this machine cannot inject faults; undefined when it can. */
export function straceProblem(): string | undefined {
  // Into a process that is not its own child, as the tests do: some systems forbid that to all but root.
  const { status, stderr } = spawnSync('sh', ['-c', 'sleep 1 & exec strace -o /dev/null -p $!'])
  if (status === 127) return 'strace is not installed'
  return status === 0 ? undefined : `strace may not look on: ${stderr.toString().trim()}`
}

/** A folder whose path is the one that the system calls name. */
export function realTempFolder(): string {
  return realpathSync(tempFolder())
}

/** strace's options for seeing every write in a log, with the paths of the descriptors. */
export function tracing(log: string): readonly string[] {
  return ['-y', '-o', log, '-e', `trace=${WRITE_CALLS}`]
}

/** strace's options for one fault; the log names it when it happened. */
export function injecting({ name, path, nth, effect }: Fault, log: string): readonly string[] {
  const inject = `inject=${name}:${effect}:when=${nth}`
  return ['-y', '-o', log, '-P', path, '-e', `trace=${name}`, '-e', inject]
}

/** True when the log tells of an injected error; of a kill, the process's end tells. */
export function wasInjected(log: string): boolean {
  return /\(INJECTED\)/.test(readFileSync(log, 'utf8'))
}

/**
 * Every write that a log names on a path below the folder, numbered by thread, call and file, as strace counts. Where
 * two threads make the same call on the same file, one number stands for both: the fault is the first one's.
 */
export function readWriteCalls(log: string, folder: string): readonly WriteCall[] {
  const counts = new Map<string, number>()
  const calls = new Map<string, WriteCall>()
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const found = /^(\d+ +)?(\w+)\((?:AT_FDCWD(?:<[^>]*>)?, )?(?:\d+<([^>]+)>|"([^"]+)")/.exec(line)
    const [, thread = '', name = '', ofDescriptor, named] = found ?? []
    const path = ofDescriptor ?? named
    if (path?.startsWith(`${folder}/`) !== true) continue
    const counted = `${thread} ${name} ${path}`
    const nth = (counts.get(counted) ?? 0) + 1
    counts.set(counted, nth)
    calls.set(`${name} ${nth} ${path}`, { name, path, nth })
  }
  return [...calls.values()]
}
