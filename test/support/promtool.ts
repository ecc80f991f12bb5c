import { spawnSync } from 'node:child_process'

export interface ToolResult {
  readonly code: number | null
  readonly output: string
}

/** Why promtool cannot be run here; undefined when it can. */
export function promtoolMissing(): string | undefined {
  const { error } = spawnSync('promtool', ['--version'])
  return error && 'promtool is not on the PATH: `apt-get install --no-install-recommends prometheus` has it'
}

/** Runs Prometheus's own checker. */
export function promtool(args: readonly string[], input?: string): ToolResult {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input: input ?? '', encoding: 'utf8' })
  return { code: status, output: stdout + stderr }
}
