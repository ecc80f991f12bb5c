import { didYouMean, nearestWord } from '../../cli/nearest-word.ts'
import { CATEGORIES, THRESHOLD_KEYS } from '../../actions/filter/filter-spec.ts'

describe('the nearest word', () => {
  test.each([
    ['hate_speach', 'hate_speech'],
    ['hatespeech', 'hate_speech'],
    ['Self-Harm', 'self_harm'],
    ['pii_conf', 'pii_confidence'],
    ['pii_score', 'pii'],
    ['toxcity', 'toxicity'],
    ['ipi', 'pii'],
    ['violence_confidance', 'violence_confidence'],
  ])('of %p is %p', (word, meant) => {
    expect(nearestWord(word, THRESHOLD_KEYS)).toBe(meant)
  })

  test.each(['', '_', 'fraud', 'x', 'a'.repeat(100_000)])('of what is near to none is none', (word) => {
    expect(nearestWord(word, CATEGORIES)).toBeUndefined()
    expect(didYouMean(word, CATEGORIES)).toBe('')
  })
})
