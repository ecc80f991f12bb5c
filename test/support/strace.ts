import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Why system calls cannot be traced here; undefined when they can. */
const NO_STRACE = whyNot()

/** `test` where system calls can be traced; elsewhere it is skipped, and why is printed. */
export function testTraced(title: string, run: () => Promise<void>, timeoutMs: number): void {
  if (NO_STRACE === undefined) test(title, run, timeoutMs)
  else {
    process.stderr.write(`skipped: ${title}: ${NO_STRACE}\n`)
    test.skip(title, run)
  }
}

/** Runs a program under strace; the calls go to files in `folder`, one a thread. */
export function straced(
  program: readonly string[],
  options: { readonly cwd: string; readonly folder: string; readonly trace: readonly string[] },
) {
  const { cwd, folder, trace } = options
  const args = ['-ff', '-y', '-s', '0', '-o', join(folder, 'trace'), ...trace.flatMap((each) => ['-e', each])]
  return spawnSync('strace', [...args, ...program], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '' },
  })
}

/** The calls of the thread that matches, in order. */
export function callsOf(folder: string, thread: RegExp): readonly string[] {
  const texts = readdirSync(folder)
    .filter((name) => name.startsWith('trace.'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
  return (texts.find((text) => thread.test(text)) ?? '').split('\n')
}

function whyNot(): string | undefined {
  const { error, status } = spawnSync('strace', ['-o', '/dev/null', 'true'])
  if (error) return 'strace is not installed'
  return status === 0 ? undefined : 'strace may not trace here'
}
