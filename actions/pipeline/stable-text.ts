/**
 * A JSON text that is the same for the same value, whichever order its members are in. Live data is in a plan as it is,
 * also what canonical JSON refuses.
 */
export function stableText(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (isPlain(member) ? sorted(member) : member))
}

function sorted(object: object): object {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
