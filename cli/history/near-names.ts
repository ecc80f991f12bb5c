const MAX_NAMES = 3

/** Up to three names that somebody may have meant, the nearest first. */
export function nearNames(wanted: string, names: readonly string[]): readonly string[] {
  const given = wanted.toLowerCase()
  const limit = Math.max(2, Math.floor(given.length / 3))
  return [...new Set(names)]
    .filter((name) => name !== '')
    .map((name) => ({ name, steps: stepsBetween(given, name.toLowerCase(), limit) }))
    .filter(({ steps }) => steps <= limit)
    .sort((a, b) => a.steps - b.steps || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_NAMES)
    .map(({ name }) => name)
}

/** One that goes on where the other ends is as near as one letter; letters else are changed, put in, or left out. */
function stepsBetween(a: string, b: string, limit: number): number {
  if (a.length > 2 && (b.startsWith(a) || a.startsWith(b))) return 1
  if (Math.abs(a.length - b.length) > limit) return Infinity
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? Infinity
}
