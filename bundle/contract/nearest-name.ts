/**
 * The name that was most likely meant by another: up to two letters away (one in three of a short name), whatever its
 * case. Undefined when none is near.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  if (name.length > 64) return undefined
  const asked = name.toLowerCase()
  const reach = Math.min(2, Math.floor(name.length / 3))
  return names
    .filter((each) => each.length <= 64)
    .map((each) => ({ each, distance: distanceBetween(asked, each.toLowerCase()) }))
    .filter(({ distance }) => distance <= reach)
    .sort((a, b) => a.distance - b.distance)[0]?.each
}

/** Letters to insert, delete or replace. */
function distanceBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++)
      row[j] = Math.min(
        (above[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
    above = row
  }
  return above[b.length] ?? 0
}
