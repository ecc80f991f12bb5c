import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFile, makeFolder } from '../../../ledger/export/export-folder.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

const exists = { code: 'export-exists' }
const fill = (partial: string): Promise<string> => {
  writeFileSync(join(partial, 'rows'), 'rows')
  return Promise.resolve('filled')
}

describe('a folder that is made as a whole', () => {
  test('is there when all of it is, with the mode that any new folder has, and nothing beside it', async () => {
    const at = tempFolder()
    for (const name of ['one', 'two/', 'deep/er/three', 'empty']) {
      if (name === 'empty') mkdirSync(join(at, name))
      expect(await makeFolder(join(at, name), fill)).toBe('filled')
      expect(readdirSync(join(at, name))).toEqual(['rows'])
    }
    expect(readdirSync(at).toSorted()).toEqual(['deep', 'empty', 'one', 'two'])
    mkdirSync(join(at, 'like'))
    expect(statSync(join(at, 'one')).mode).toBe(statSync(join(at, 'like')).mode)
  })

  test('takes nothing away that is somebody else\u2019s', async () => {
    const at = tempFolder()
    mkdirSync(join(at, 'mine.partial'))
    writeFileSync(join(at, 'mine.partial/letter'), 'dear')
    await makeFolder(join(at, 'mine'), fill)
    await expect(makeFolder(join(at, 'mine.partial'), fill)).rejects.toMatchObject(exists)
    await expect(makeFolder(join(at, 'mine.partial/letter'), fill)).rejects.toMatchObject(exists)
    await expect(
      makeFolder(join(at, 'late'), async (partial) => {
        mkdirSync(join(at, 'late'))
        writeFileSync(join(at, 'late/letter'), 'dear')
        return fill(partial)
      }),
    ).rejects.toMatchObject(exists)
    for (const place of ['mine.partial/letter', 'late/letter'])
      expect(readFileSync(join(at, place), 'utf8')).toBe('dear')
    expect(readdirSync(at).toSorted()).toEqual(['late', 'mine', 'mine.partial'])
  })

  test('is not there when it could not be filled', async () => {
    const at = tempFolder()
    const refusal = new Error('no')
    await expect(makeFolder(join(at, 'x'), () => Promise.reject(refusal))).rejects.toBe(refusal)
    expect(readdirSync(at)).toEqual([])
  })
})

describe('a file that is made as a whole', () => {
  test('is never written over another, whenever that came', async () => {
    const at = tempFolder()
    const write = (partial: string): Promise<void> => {
      writeFileSync(partial, 'rows')
      return Promise.resolve()
    }
    await makeFile(join(at, 'rows.csv'), write)
    await expect(makeFile(join(at, 'rows.csv'), write)).rejects.toMatchObject(exists)
    await expect(
      makeFile(join(at, 'late.csv'), (partial) => {
        writeFileSync(join(at, 'late.csv'), 'dear')
        return write(partial)
      }),
    ).rejects.toMatchObject(exists)
    expect(readFileSync(join(at, 'late.csv'), 'utf8')).toBe('dear')
    await expect(makeFile(join(at, 'absent/rows.csv'), write)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(existsSync(join(at, 'absent'))).toBe(false)
    expect(readdirSync(at).toSorted()).toEqual(['late.csv', 'rows.csv'])
  })
})
