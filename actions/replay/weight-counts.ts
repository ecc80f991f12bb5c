/** How often each weight came: few weights, however many decisions, and a sum that does not depend on their order. */
export type WeightCounts = Map<number, number>

export function addWeight(counts: WeightCounts, weight: number): void {
  counts.set(weight, (counts.get(weight) ?? 0) + 1)
}

export function totalOf(counts: WeightCounts): number {
  return sumOf(counts, (weight) => weight)
}

export function squaresOf(counts: WeightCounts): number {
  return sumOf(counts, (weight) => weight * weight)
}

/** Lowest weight first. */
function sumOf(counts: WeightCounts, of: (weight: number) => number): number {
  return [...counts]
    .toSorted(([a], [b]) => a - b)
    .reduce((total, [weight, count]) => total + of(weight) * count, 0)
}
