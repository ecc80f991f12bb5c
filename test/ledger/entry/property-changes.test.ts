import fc from 'fast-check'
import type { Json, JsonObject } from '../../../ledger/entry/entry.ts'
import { propertyChanges } from '../../../ledger/entry/property-changes.ts'

const before = {
  id: 'f-1',
  version: 1,
  enabled: true,
  config: { thresholds: { pii: 0.9 }, categories: ['pii', 'hate'] },
}

describe('what differs between two states of a filter', () => {
  test('is one change a leaf, by its path', () => {
    const after = {
      ...before,
      enabled: false,
      config: { ...before.config, thresholds: { pii: 0.8, toxicity: 1 } },
    }
    expect(propertyChanges(before, after)).toEqual([
      { property: 'config.thresholds.pii', oldValues: ['0.9'], newValues: ['0.8'] },
      { property: 'config.thresholds.toxicity', oldValues: [], newValues: ['1'] },
      { property: 'enabled', oldValues: ['true'], newValues: ['false'] },
    ])
  })

  test('is nothing for another order of a list, or for what changes with every write', () => {
    const after = {
      ...before,
      version: 2,
      dateModified: 'now',
      config: { ...before.config, categories: ['hate', 'pii'] },
    }
    expect(propertyChanges(before, after)).toEqual([])
  })

  test('is a change of a leaf where a value became an object, and the other way round', () => {
    expect(propertyChanges({ a: 1 }, { a: { b: 2 } })).toEqual([
      { property: 'a', oldValues: ['1'], newValues: [] },
      { property: 'a.b', oldValues: [], newValues: ['2'] },
    ])
    expect(propertyChanges({ a: { b: 2 } }, { a: null })).toEqual([
      { property: 'a', oldValues: [], newValues: ['null'] },
      { property: 'a.b', oldValues: ['2'], newValues: [] },
    ])
  })

  test('is what comparing all leaves of both tells, for any two states', () => {
    const state = fc.dictionary(
      fc.constantFrom('a', 'b', 'version', 'toString'),
      fc.jsonValue({ maxDepth: 3 }),
    )
    fc.assert(
      fc.property(state, state, (previous, current) => {
        const [old, now] = [leavesOf(previous), leavesOf(current)]
        const properties = [...new Set([...old.keys(), ...now.keys()])].sort()
        const expected = properties.flatMap((property) => {
          const [oldValues, newValues] = [old.get(property) ?? [], now.get(property) ?? []]
          const same = JSON.stringify(oldValues) === JSON.stringify(newValues)
          return same ? [] : [{ property, oldValues, newValues }]
        })
        expect(propertyChanges(previous as JsonObject, current as JsonObject)).toEqual(expected)
      }),
    )
  })
})

/** The definition, taken word for word. */
function leavesOf(object: JsonObject, prefix = '', found = new Map<string, string[]>()) {
  for (const [member, value] of Object.entries(object)) {
    if (value === undefined || (prefix === '' && member === 'version')) continue
    const written = (each: Json): string => (typeof each === 'string' ? each : JSON.stringify(each))
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      leavesOf(value as JsonObject, `${prefix}${member}.`, found)
    else found.set(prefix + member, Array.isArray(value) ? value.map(written).sort() : [written(value)])
  }
  return found
}
