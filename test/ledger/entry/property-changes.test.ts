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
})
