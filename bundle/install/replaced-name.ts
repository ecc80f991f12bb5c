/** The longest name of an action. */
const MAX_NAME = 256

/** The name under which an action goes on that another one stands in for. `day`: `2026-11-26`. */
export function replacedName(name: string, day: string, taken: readonly string[]): string {
  for (let count = 1; ; count++) {
    const suffix = ` (replaced ${day}${count === 1 ? '' : `, ${count}`})`
    const candidate = cut(name, suffix) + suffix
    if (!taken.includes(candidate)) return candidate
  }
}

/** Of which of these names a name says that it was replaced; undefined for any other. */
export function replacedOf(name: string, names: readonly string[]): string | undefined {
  const suffix = / \(replaced \d{4}-\d{2}-\d{2}(, \d+)?\)$/.exec(name)?.[0]
  if (suffix === undefined) return undefined
  return names.find((each) => cut(each, suffix) + suffix === name)
}

/** What of a name leaves room for the suffix, without half a character at its end. */
function cut(name: string, suffix: string): string {
  return name.slice(0, MAX_NAME - suffix.length).replace(/[\ud800-\udbff]$/, '')
}
