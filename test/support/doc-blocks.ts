import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const BIN = join(ROOT, 'bin', 'filter-ledger.js')
export const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')

/** A fenced block of a page. */
export interface Block {
  readonly language: string
  readonly text: string
}

/** In their order. */
export function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }))
}

/** From a heading of the README to the next one of its level. */
export function section(heading: string): string {
  const text = readme.slice(readme.indexOf(`${heading}\n`))
  return text.slice(0, text.indexOf('\n## ', heading.length))
}

/** Runs shell text to its end; any command that fails ends it. */
export async function bash(
  script: string,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  await once(child, 'close')
  return { code: child.exitCode, out, err }
}

/** Shell blocks as one script, against a receiver of the test's own. */
export function scriptOf(blocks: readonly Block[], url: string): string {
  return blocks
    .map(({ text }) =>
      text.replaceAll('http://127.0.0.1:8080', url).replaceAll('npx filter-ledger', `node ${BIN}`),
    )
    .join('\nprintf "\\n=== next block\\n"\n')
}

/** The shape of a JSON value: which members, of which types. */
export function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])]
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]: [string, unknown]) => [name, shape(member)])
      .sort(),
  )
}
