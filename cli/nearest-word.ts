/**
 * The word that was most likely meant by another: a slip of up to two letters (one in three of a short word), other
 * case or punctuation, or one of them the beginning of the other. Undefined when none is near.
 */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  const plain = plainOf(word)
  if (plain === '' || plain.length > 64) return undefined
  const ranked = words
    .map((each) => ({ each, distance: distanceBetween(plain, plainOf(each)) }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  if (best && best.distance <= Math.min(2, Math.floor(plain.length / 3))) return best.each
  const near = (isNear: (candidate: string) => boolean): string | undefined =>
    words
      .filter((each) => isNear(plainOf(each)))
      .sort((a, b) => Math.abs(a.length - word.length) - Math.abs(b.length - word.length))[0]
  return near((each) => isBeginning(plain, each)) ?? near((each) => isBeginning(each, plain))
}

/** `: did you mean x?`, or nothing. */
export function didYouMean(word: string, words: readonly string[]): string {
  const near = nearestWord(word, words)
  return near === undefined ? '' : `: did you mean ${near}?`
}

function plainOf(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, '')
}

function isBeginning(start: string, whole: string): boolean {
  return start.length >= 3 && whole.startsWith(start)
}

/** Letters to insert, delete, replace, or swap with their neighbour. */
function distanceBetween(a: string, b: string): number {
  let before: readonly number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const swaps = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        (above[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        swaps ? (before[j - 2] ?? 0) + 1 : Infinity,
      )
    }
    before = above
    above = row
  }
  return above[b.length] ?? 0
}
