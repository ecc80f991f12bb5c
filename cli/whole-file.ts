import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a file that is not there yet, for its owner alone. It has its name only when it is whole and on disk, and
 * the name is on disk when this returns: what is bound to it next cannot outlive it.
 *
 * @throws the system's error; `EEXIST` when there is such a file: it stays as it is
 */
export function createFile(path: string, text: string): void {
  const partial = writePartial(path, text, 0o600)
  try {
    linkSync(partial, path)
  } finally {
    rmSync(partial, { force: true })
  }
  syncFolder(dirname(path))
}

/** Puts a file in the place of another, or of none: a cut leaves the old one or the new one. */
export function replaceFile(path: string, text: string, mode = 0o644): void {
  const partial = writePartial(path, text, mode)
  try {
    renameSync(partial, path)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
  syncFolder(dirname(path))
}

/** Makes a folder for its owner alone, with those above it, and puts their names on disk. */
export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  const above = dirname(resolve(first))
  for (let made = resolve(path); made !== above; made = dirname(made)) syncFolder(dirname(made))
}

/** Puts the names in a folder on disk. Windows cannot, and needs not. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/** A name of its own each time: what a cut left behind stands in nobody's way. */
function writePartial(path: string, text: string, mode: number): string {
  const partial = `${path}.${randomUUID()}.partial`
  const file = openSync(partial, 'wx', mode)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
  return partial
}
