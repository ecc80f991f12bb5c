import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'

const FOLDER = new URL('./verifier/', import.meta.url)
const files = readdirSync(FOLDER)

/** What a module loads: static imports and exports, and anything that could load more at run time. */
function loadsOf(file: string): readonly string[] {
  const text = readFileSync(new URL(file, FOLDER), 'utf8')
  expect(text).not.toMatch(/\b(?:import|require|eval|createRequire)\s*\(/)
  const statements = text.matchAll(
    /^(?:import|export)\b[^'"\n]*(?:\{[^}]*\}[^'"\n]*)?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]/gm,
  )
  const named = [...statements].map(([, from, bare]) => from ?? bare ?? '')
  expect(named).toHaveLength(text.match(/\bfrom '|^import '/gm)?.length ?? 0)
  return named
}

describe('the independent verifier', () => {
  test('is made of some small files, and nothing in them comes from the house or a package', () => {
    expect(files.length).toBeGreaterThan(5)
    const loads = files.flatMap(loadsOf)
    expect(loads.length).toBeGreaterThan(files.length)
    for (const name of loads) {
      const isBuiltin = name.startsWith('node:') && builtinModules.includes(name.slice('node:'.length))
      const isSibling = name.startsWith('./') && files.includes(name.slice('./'.length))
      expect([name, isBuiltin || isSibling]).toEqual([name, true])
    }
  })

  test.each(files)('%s has at most 200 lines', (file) => {
    expect(readFileSync(new URL(file, FOLDER), 'utf8').split('\n').length).toBeLessThanOrEqual(201)
  })
})
