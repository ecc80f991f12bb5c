import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

export interface WriteOptions {
  /**
   * Who may read and write the file, less what the umask takes away. Folders that have to be made can be entered by
   * whom it lets read. Default 0o666.
   */
  readonly mode?: number
}

/**
 * Writes a file that is whole or not there, and that a power cut leaves as it is once this is done: a reader, and a
 * later run, see whole files alone. What stood there is replaced.
 */
export async function writeWhole(
  path: string,
  content: Uint8Array | string,
  options: WriteOptions = {},
): Promise<void> {
  await writeUnder(path, content, options, async (partial) => {
    await rename(partial, path)
    await syncPath(dirname(path))
  })
}

/** As {@link writeWhole}, but never in the place of a file. @returns false when one is there: it stays as it is */
export async function writeNew(
  path: string,
  content: Uint8Array | string,
  options: WriteOptions = {},
): Promise<boolean> {
  let isNew = false
  await writeUnder(path, content, options, async (partial) => {
    isNew = await takeName(partial, path)
  })
  return isNew
}

/** Gives a file its name, on disk, if that is free. @returns false when it is taken: both stay as they are */
export async function takeName(partial: string, path: string): Promise<boolean> {
  try {
    // Unlike a renaming, it fails where a file is.
    await link(partial, path)
    await rm(partial)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    // Not every file system has links; between looking and naming, there, another may take the name.
    if (!NO_LINKS.has(codeOf(error))) throw error
    if (existsSync(path)) return false
    await rename(partial, path)
  }
  await syncPath(dirname(path))
  return true
}

/** A name of its own beside the file that is made: two that make the same file do not meet. */
export function partialName(path: string): string {
  return `${path}.${randomUUID()}.partial`
}

/** Waits until a file's bytes, or a folder's names, are on disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const NO_LINKS: ReadonlySet<unknown> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

async function writeUnder(
  path: string,
  content: Uint8Array | string,
  { mode = 0o666 }: WriteOptions,
  giveName: (partial: string) => Promise<void>,
): Promise<void> {
  await makeFolder(dirname(resolve(path)), mode | ((mode & 0o444) >> 2))
  const partial = partialName(path)
  try {
    const file = await open(partial, 'wx', mode)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await giveName(partial)
  } finally {
    await rm(partial, { force: true })
  }
}

/** A folder is on disk when the one above it is: that is where its name stands. */
async function makeFolder(folder: string, mode: number): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode })
  if (first === undefined) return
  for (let made = folder; ; made = dirname(made)) {
    await syncPath(dirname(made))
    if (made === first || made === dirname(made)) return
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
