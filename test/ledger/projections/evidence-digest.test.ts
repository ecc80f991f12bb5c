import { evidenceDigest } from '../../../ledger/projections/evidence-digest.ts'

const CONFIG = {
  content_categories: ['hate_speech', 'pii'],
  block_action: 'flag_and_pass',
  thresholds: { toxicity: 0.8, pii_confidence: 0.92 },
  false_positive_tolerance: 0.03,
}
const filter = (changes: object = {}, members: object = {}) => ({
  id: 'f-1',
  name: 'guard',
  ...members,
  config: { ...CONFIG, ...changes },
})

describe('the evidence digest of a filter', () => {
  test('is SHA-256 of the canonical text of what decides: a reader can make it again', () => {
    // printf '{"content_categories":["hate_speech","pii"],"thresholds":{"pii_confidence":0.92,"toxicity":0.8}}' | sha256sum
    expect(evidenceDigest(filter())).toBe('74d7131c1ab4448fc76511f8aae0c064e1709ca3443ee920b63a0d96754a43fc')
  })

  test.each<[string, object]>([
    ['what is done with a finding', filter({ block_action: 'block_and_log' })],
    ['the tolerance', filter({ false_positive_tolerance: 0.5 })],
    [
      'what is written about it',
      filter({}, { name: 'other', description: 'x', enabled: false, priority: 3, version: 9 }),
    ],
    [
      'the order of categories, or one that stands twice',
      filter({ content_categories: ['pii', 'hate_speech', 'pii'] }),
    ],
    ['the order of thresholds', filter({ thresholds: { pii_confidence: 0.92, toxicity: 0.8 } })],
  ])('does not change with %s', (_, other) => {
    expect(evidenceDigest(other)).toBe(evidenceDigest(filter()))
  })

  test.each<[string, object]>([
    ['a category more', filter({ content_categories: ['hate_speech', 'pii', 'phishing'] })],
    ['a category less', filter({ content_categories: ['pii'] })],
    ['a threshold', filter({ thresholds: { toxicity: 0.81, pii_confidence: 0.92 } })],
    ['the name of a threshold', filter({ thresholds: { toxicity: 0.8, pii: 0.92 } })],
    ['a threshold more', filter({ thresholds: { ...CONFIG.thresholds, violence: 1 } })],
    ['a member of config that is not known here', filter({ model: 'v2' })],
  ])('changes with %s', (_, other) => {
    expect(evidenceDigest(other)).toMatch(/^[0-9a-f]{64}$/)
    expect(evidenceDigest(other)).not.toBe(evidenceDigest(filter()))
  })

  test('is not there for what cannot be read, which is never an error', () => {
    const unreadable: readonly unknown[] = [
      undefined,
      null,
      'text',
      [],
      {},
      { config: [] },
      filter({ content_categories: 'pii' }),
      filter({ content_categories: [1] }),
      filter({ thresholds: [0.8] }),
      filter({ thresholds: null }),
      filter({ thresholds: { toxicity: '0.8' } }),
      filter({ thresholds: { toxicity: NaN } }),
      filter({ content_categories: ['\ud800'] }),
      filter({ model: nested(100) }),
    ]
    for (const each of unreadable) expect(evidenceDigest(each)).toBeUndefined()
  })
})

function nested(depth: number): unknown {
  return depth === 0 ? 'x' : [nested(depth - 1)]
}
