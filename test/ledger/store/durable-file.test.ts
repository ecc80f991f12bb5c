import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeNew, writeWhole } from '../../../ledger/store/durable-file.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

const BUILT = new URL('../../../dist/ledger/store/durable-file.js', import.meta.url).href

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly args: { readonly path?: string }
}

/** What a process asked of the file system, in order, as Node traces it: which paths were synced and named. */
function traced(cwd: string, script: string): readonly string[] {
  execFileSync(process.execPath, [
    '--trace-event-categories=node.fs.async',
    `--trace-event-file-pattern=${join(cwd, 'trace')}`,
    '--input-type=module',
    `--eval=import { writeWhole, writeNew } from '${BUILT}'; process.chdir('${cwd}'); ${script}`,
  ])
  const { traceEvents } = JSON.parse(readFileSync(join(cwd, 'trace'), 'utf8')) as {
    readonly traceEvents: readonly TraceEvent[]
  }
  const done: string[] = []
  let opened = ''
  for (const { name, args } of traceEvents.filter((event) => event.ph === 'b')) {
    if (name === 'open') opened = args.path ?? ''
    if (name === 'fsync') done.push(`sync ${opened.replace(/\.[^/]*\.partial$/, '')}`)
    if (name === 'rename' || name === 'link') done.push(name)
  }
  return done.map((line) => line.replace(`${cwd}/`, '').replace(cwd, '.'))
}

describe('a file that is written whole', () => {
  test('is on disk with its name, and with the folders that were made for it', () => {
    const cwd = tempFolder()
    expect(traced(cwd, `await writeWhole('a/b/file', 'x'); await writeWhole('a/b/more', 'y')`)).toEqual([
      // Each new folder's name stands in the one above it.
      'sync a',
      'sync .',
      'sync a/b/file',
      'rename',
      'sync a/b',
      'sync a/b/more',
      'rename',
      'sync a/b',
    ])
    expect(traced(cwd, `await writeNew('a/b/new', 'x')`)).toEqual(['sync a/b/new', 'link', 'sync a/b'])
    expect(readdirSync(join(cwd, 'a/b'))).toEqual(['file', 'more', 'new'])
  })

  test('is for its owner alone when that is asked for, and so are the folders that were made', async () => {
    const folder = tempFolder()
    await writeWhole(join(folder, 'secret/deep/file'), 'x', { mode: 0o600 })
    await writeWhole(join(folder, 'public/file'), 'x')
    // What anybody would make here.
    mkdirSync(join(folder, 'folder'))
    writeFileSync(join(folder, 'folder/file'), '')
    const mode = (name: string): number => statSync(join(folder, name)).mode & 0o777
    expect(['secret', 'secret/deep', 'secret/deep/file'].map(mode)).toEqual([0o700, 0o700, 0o600])
    expect(['public', 'public/file'].map(mode)).toEqual(['folder', 'folder/file'].map(mode))
  })

  test('takes the place of another, or does not, as was said; nothing is left beside it', async () => {
    const folder = tempFolder()
    const path = join(folder, 'file')
    expect(await writeNew(path, 'first')).toBe(true)
    expect(await writeNew(path, 'second')).toBe(false)
    expect(readFileSync(path, 'utf8')).toBe('first')
    await Promise.all(['third', 'third'].map((text) => writeWhole(path, text)))
    expect(readFileSync(path, 'utf8')).toBe('third')
    mkdirSync(join(folder, 'taken'))
    await expect(writeWhole(join(folder, 'taken'), 'x')).rejects.toMatchObject({ code: 'EISDIR' })
    writeFileSync(join(folder, 'no-folder'), '')
    await expect(writeNew(join(folder, 'no-folder', 'x'), 'x')).rejects.toMatchObject({ code: 'EEXIST' })
    expect(readdirSync(folder)).toEqual(['file', 'no-folder', 'taken'])
  })
})
