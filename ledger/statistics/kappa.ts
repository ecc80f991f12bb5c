/** How often two reviewers of the same decisions gave these two labels. */
export interface LabelPairs {
  readonly first: string
  readonly second: string
  readonly count: number
}

export interface Kappa {
  /** -1..1: 1 is full agreement, 0 what chance would give. Undefined without pairs, or where chance agrees on all. */
  readonly value: number | undefined
  /** The share of pairs that agree, 0..1; undefined without pairs. */
  readonly agreement: number | undefined
  /** Pairs of two clear labels: what both are made of. */
  readonly pairs: number
  /** Pairs that were left out, since one of the two or both say `unclear`. */
  readonly unclear: number
}

/**
 * Cohen's kappa (1960): (po - pe) / (1 - pe), of the observed agreement and of what the reviewers' own shares of each
 * label would give by chance. `unclear` is no opinion, and is in no other number either: pairs with it are counted apart.
 */
export function cohensKappa(table: readonly LabelPairs[]): Kappa {
  const clear = table.filter(({ first, second }) => first !== 'unclear' && second !== 'unclear')
  const pairs = countOf(clear)
  const unclear = countOf(table) - pairs
  if (pairs === 0) return { value: undefined, agreement: undefined, pairs, unclear }
  const agreement = countOf(clear.filter(({ first, second }) => first === second)) / pairs
  const labels = new Set(clear.flatMap(({ first, second }) => [first, second]))
  const byChance = [...labels].reduce((sum, label) => {
    const firsts = countOf(clear.filter(({ first }) => first === label))
    const seconds = countOf(clear.filter(({ second }) => second === label))
    return sum + firsts * seconds
  }, 0)
  const expected = byChance / (pairs * pairs)
  const value = byChance === pairs * pairs ? undefined : (agreement - expected) / (1 - expected)
  return { value, agreement, pairs, unclear }
}

function countOf(table: readonly LabelPairs[]): number {
  return table.reduce((sum, { count }) => sum + count, 0)
}
