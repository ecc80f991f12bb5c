import fc from 'fast-check'
import { differingProperties, isSameFilter } from '../../../actions/filter/compare-filters.ts'
import type { RemoteFilter } from '../../../actions/filter/compare-filters.ts'
import type { FilterSpec } from '../../../actions/filter/filter-spec.ts'

const spec: FilterSpec = {
  name: 'guard',
  filter_type: 'safety',
  enabled: true,
  priority: 10,
  config: {
    content_categories: ['hate_speech', 'pii'],
    block_action: 'block_and_log',
    thresholds: { pii_confidence: 0.92, toxicity: 0.8 },
    false_positive_tolerance: 0.03,
  },
}

function live(raw: Readonly<Record<string, unknown>>): RemoteFilter {
  return { id: 'f-1', name: 'guard', filterType: 'safety', enabled: true, priority: 10, version: 1, raw }
}

describe('a live filter is what was asked for', () => {
  test('although the server wrote it in another order, with zeros and members of its own', () => {
    const text = `{"id":"f-1","version":7,"selfUri":"/x","dateCreated":"2026-01-31T12:00:00.000Z","priority":10.0,
      "config":{"false_positive_tolerance":3e-2,"thresholds":{"toxicity":0.80,"pii_confidence":0.920},
      "block_action":"block_and_log","content_categories":["pii","hate_speech","pii"]},"name":" guard "}`
    expect(differingProperties(spec, live(JSON.parse(text)))).toEqual([])
  })

  test.each([
    ['an empty description for none', { description: '' }],
    ['a description that is null', { description: null }],
    ['no type', { filter_type: undefined }],
    ['no state', { enabled: undefined }],
  ])('with %s', (_, changes) => {
    expect(isSameFilter(spec, live({ ...spec, ...changes }))).toBe(true)
  })

  test('at any priority, when any will do', () => {
    expect(isSameFilter({ ...spec, priority: 'auto' }, live({ ...spec, priority: 77 }))).toBe(true)
  })

  test('in its name, however the letters are composed', () => {
    const composed = { ...spec, name: 'Caf\u00e9' }
    expect(isSameFilter(composed, live({ ...spec, name: 'Cafe\u0301' }))).toBe(true)
  })
})

describe('a live filter differs', () => {
  const config = (changes: object): object => ({ config: { ...spec.config, ...changes } })

  test.each([
    [{ description: 'x' }, ['description']],
    [{ enabled: false }, ['enabled']],
    [{ priority: 11 }, ['priority']],
    [config({ content_categories: ['pii'] }), ['config.content_categories']],
    [config({ block_action: 'flag_and_pass' }), ['config.block_action']],
    [config({ false_positive_tolerance: 0.04 }), ['config.false_positive_tolerance']],
    [config({ thresholds: { toxicity: 0.81, pii_confidence: 0.92 } }), ['config.thresholds.toxicity']],
    [config({ thresholds: { toxicity: 0.8 } }), ['config.thresholds.pii_confidence']],
    [config({ thresholds: { toxicity: 0.8, pii_confidence: 0.92, pii: 1 } }), ['config.thresholds.pii']],
    [{ enabled: false, priority: 11 }, ['enabled', 'priority']],
  ])('by %j in %j', (changes, paths) => {
    expect(differingProperties(spec, live({ ...spec, ...changes }))).toEqual(paths)
  })

  test('and never crashes, whatever the organization holds', () => {
    const json = fc.jsonValue().map((value) => value as unknown)
    fc.assert(
      fc.property(json, json, (whole, part) => {
        const raw = typeof whole === 'object' && whole !== null ? { ...whole } : {}
        expect(isSameFilter(spec, live(raw))).toBe(false)
        expect(isSameFilter(spec, live({ ...spec, config: part }))).toBe(false)
        expect(() => isSameFilter(spec, live({ ...spec, priority: part, name: part }))).not.toThrow()
      }),
    )
  })

  test('in what has no text to sort by, or is nested too deep to be written', () => {
    const odd = { toString: 1, valueOf: 1 }
    const categories = { ...spec, config: { ...spec.config, content_categories: ['pii', odd, odd] } }
    expect(differingProperties(spec, live(categories))).toEqual(['config.content_categories'])
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown
    expect(differingProperties(spec, live({ ...spec, description: deep }))).toEqual(['description'])
  })
})
