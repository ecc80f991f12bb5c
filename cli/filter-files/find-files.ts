import { closeSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { oneLine } from '../one-line.ts'
import { systemCode } from '../system-code.ts'
import { FILTER_SOURCE } from './source-kind.ts'
import type { SourceKind } from './source-kind.ts'
import { MAX_FILE_BYTES } from './source-text.ts'

/** How standard input is called where a file is named. */
export const STANDARD_INPUT = '<stdin>'

/** More files than the filters of any organisation. */
const MAX_FILES = 1000

export interface FoundFile {
  readonly file: string
  /** At most one byte more than a file may have. */
  readonly bytes: Uint8Array
}

export interface FoundFiles {
  readonly files: readonly FoundFile[]
  readonly problems: readonly string[]
}

/**
 * Reads what `-f` names: a file as it is, `-` standard input, a folder every file below it that is named like
 * one of the kind, in the order of their paths. What is hidden, and folders that are links, are left alone. A file that is named twice
 * is read once.
 */
export function findFiles(paths: readonly string[], kind: SourceKind = FILTER_SOURCE): FoundFiles {
  const problems: string[] = []
  const named = paths.flatMap((path) => filesAt(path, problems, kind))
  const real = named.map(realPathOf)
  const unique = named.filter((_, i) => real.indexOf(real[i] ?? '') === i)
  if (unique.length > MAX_FILES)
    return {
      files: [],
      problems: [`more than ${MAX_FILES} files: name the folder of the ${kind.one}s itself`],
    }
  const files = unique.flatMap((path) => readAt(path, problems))
  return { files, problems }
}

function filesAt(path: string, problems: string[], kind: SourceKind): readonly string[] {
  if (path === '-') return [path]
  try {
    if (!statSync(path).isDirectory()) return [path]
    const files = filesBelow(path, kind.names)
    if (files.length === 0)
      problems.push(`${path}: no ${kind.namesInWords} file is in this folder: name another`)
    return files
  } catch (error) {
    problems.push(cannotBeRead(path, error))
    return []
  }
}

function filesBelow(folder: string, names: RegExp): readonly string[] {
  const seen = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'))
  const files = seen.flatMap((entry): readonly string[] => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesBelow(path, names)
    if (!names.test(entry.name)) return []
    // A mounted folder of settings has links for files.
    return entry.isFile() || (entry.isSymbolicLink() && mayBeFile(path)) ? [path] : []
  })
  return files.sort((a, b) => (a < b ? -1 : 1))
}

/** A link that leads nowhere is told when it is read. */
function mayBeFile(link: string): boolean {
  try {
    return statSync(link).isFile()
  } catch {
    return true
  }
}

function realPathOf(path: string): string {
  try {
    return path === '-' ? path : realpathSync(path)
  } catch {
    return path
  }
}

function readAt(path: string, problems: string[]): readonly FoundFile[] {
  try {
    const bytes = path === '-' ? readCapped(0) : readFile(path)
    return [{ file: path === '-' ? STANDARD_INPUT : path, bytes }]
  } catch (error) {
    problems.push(cannotBeRead(path === '-' ? STANDARD_INPUT : path, error))
    return []
  }
}

function readFile(path: string): Uint8Array {
  const descriptor = openSync(path, 'r')
  try {
    return readCapped(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** No more than is needed to see that it is too much: a device never ends. */
function readCapped(descriptor: number): Uint8Array {
  const bytes = Buffer.alloc(MAX_FILE_BYTES + 1)
  let length = 0
  while (length < bytes.length) {
    const read = readSync(descriptor, bytes, length, bytes.length - length, null)
    if (read === 0) break
    length += read
  }
  return Uint8Array.from(bytes.subarray(0, length))
}

function cannotBeRead(path: string, error: unknown): string {
  const code = systemCode(error)
  return oneLine(
    `${path}: ${code === 'ENOENT' ? 'there is no such file or folder' : `cannot be read (${code})`}`,
  )
}
