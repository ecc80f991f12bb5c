import { thresholdInForce } from '../../../cli/advice/threshold-in-force.ts'

const filter = (thresholds: Record<string, number>) => ({
  config: { content_categories: ['hate_speech', 'violence', 'pii'], thresholds },
})

test.each([
  ['pii', { pii_confidence: 0.9, toxicity: 0.8 }, { key: 'pii_confidence', threshold: 0.9, alsoOn: [] }],
  ['violence', { pii: 0.9, toxicity: 0.8 }, { key: 'toxicity', threshold: 0.8, alsoOn: ['hate_speech'] }],
  ['violence', { toxicity: 0.8, violence: 0.6 }, { key: 'violence', threshold: 0.6, alsoOn: [] }],
  ['violence', { violence_confidence: 0.5, violence: 0.6 }, { key: 'violence', threshold: 0.6, alsoOn: [] }],
])('of %s in %j is %j', (category, thresholds, inForce) => {
  expect(thresholdInForce(filter(thresholds), category)).toEqual(inForce)
})

test('is none where no key decides on the category, or the filter cannot be read', () => {
  expect(thresholdInForce(filter({ toxicity: 0.8 }), 'pii')).toBeUndefined()
  expect(thresholdInForce(filter({ pii: 80 }), 'pii')).toBeUndefined()
  expect(thresholdInForce({}, 'pii')).toBeUndefined()
  expect(thresholdInForce({ config: { thresholds: null } }, 'pii')).toBeUndefined()
})
