/**
 * Takes away what a flow did not set: an unset optional input arrives as null, as an empty text (what
 * `$!{input.x}` renders), or as Architect's NOT_SET.
 */
export function dropUnset(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input
  return Object.fromEntries(Object.entries(input).filter(([, value]) => !isUnset(value)))
}

function isUnset(value: unknown): boolean {
  return value === null || value === '' || value === 'NOT_SET'
}

/** A list in one text: `a, b` or `["a","b"]`. What is no list comes back as it is, to be refused by its rule. */
export function parseList(text: unknown): unknown {
  if (typeof text !== 'string') return text
  const trimmed = text.trim()
  if (trimmed.startsWith('[')) return parseJsonOr(trimmed, text)
  return trimmed.split(',').map((item) => item.trim())
}

/** Named numbers in one text: `toxicity=0.8, pii=0.9` or `{"toxicity":0.8}`. */
export function parseNumbers(text: unknown): unknown {
  if (typeof text !== 'string') return text
  const trimmed = text.trim()
  if (trimmed.startsWith('{')) return parseJsonOr(trimmed, text)
  const pairs = trimmed.split(',').map((item) => /^\s*([^=\s]+)\s*=\s*(\S+)\s*$/.exec(item))
  if (pairs.some((pair) => pair === null)) return text
  return Object.fromEntries(
    pairs.map((pair): [string, unknown] => [pair?.[1] ?? '', toNumber(pair?.[2] ?? '')]),
  )
}

/** A number written plainly; any other text stays one, so that its rule refuses it. */
function toNumber(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

function parseJsonOr(text: string, fallback: unknown): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return fallback
  }
}
