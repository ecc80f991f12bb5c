import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { realTempFolder } from './strace.ts'

/** A file system in memory, of its own. */
export interface SmallDisk {
  readonly folder: string
  readonly makeReadOnly: () => void
  readonly remove: () => void
}

/** Why this machine mounts nothing for us; undefined when it does. */
export function mountProblem(): string | undefined {
  try {
    mountSmallDisk('64k').remove()
    return undefined
  } catch (error) {
    return `a file system cannot be mounted: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** @throws Error in mount's words */
export function mountSmallDisk(size: string): SmallDisk {
  const folder = realTempFolder()
  mount('-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder)
  return {
    folder,
    makeReadOnly: () => mount('-o', 'remount,ro', folder),
    // Lazily: a test that failed may still have files open there.
    remove: () => void spawnSync('umount', ['--lazy', folder]),
  }
}

/** Takes the last byte of the disk that the file is on, and gives the way to have it all back. */
export function fillUp(file: string): () => void {
  for (const size of [1_048_576, 4096]) {
    const block = Buffer.alloc(size)
    try {
      for (;;) writeFileSync(file, block, { flag: 'a' })
    } catch {
      // It is full.
    }
  }
  return () => rmSync(file)
}

function mount(...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync('mount', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(error ? 'mount is not there' : stderr.trim())
}
