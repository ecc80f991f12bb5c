const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** What is wanted of an object's member: its own text as a cell, or members of it. */
interface Wanted {
  cell: number | undefined
  readonly members: Map<string, Wanted>
}

/**
 * Reads members off a canonical JSON text without parsing it, at a fraction of the price. The text's cells, or
 * undefined for what this is not sure of: an escape somewhere, or a pointer into an array.
 *
 * @param paths the members that each JSON pointer goes through
 */
export function cellScanner(
  paths: readonly (readonly string[])[],
): (text: string) => readonly string[] | undefined {
  const root = wantedOf(paths)
  return (text) => {
    // Without an escape a string ends at the next quote, and shows what it means.
    if (text.includes('\\') || text.charCodeAt(0) !== OPEN_OBJECT) return undefined
    const cells = new Array<string>(paths.length).fill('')
    return scanObject(text, 0, root, cells) === text.length ? cells : undefined
  }
}

function wantedOf(paths: readonly (readonly string[])[]): Wanted {
  const root: Wanted = { cell: undefined, members: new Map() }
  paths.forEach((path, cell) => {
    let at = root
    for (const member of path) {
      const next = at.members.get(member) ?? { cell: undefined, members: new Map() }
      at.members.set(member, next)
      at = next
    }
    at.cell = cell
  })
  return root
}

/** Every scan returns the place after what it read, or NaN when it is not sure. */
function scanObject(text: string, start: number, wanted: Wanted, cells: string[]): number {
  if (text.charCodeAt(start + 1) === CLOSE_OBJECT) return start + 2
  for (let at = start + 1; ;) {
    const nameEnd = text.indexOf('"', at + 1)
    const member = wanted.members.get(text.slice(at + 1, nameEnd))
    at = member ? scanMember(text, nameEnd + 2, member, cells) : skipValue(text, nameEnd + 2)
    const next = text.charCodeAt(at)
    if (next === CLOSE_OBJECT) return at + 1
    if (next !== COMMA) return NaN
    at++
  }
}

function scanMember(text: string, at: number, wanted: Wanted, cells: string[]): number {
  const first = text.charCodeAt(at)
  if (first === OPEN_ARRAY && wanted.members.size > 0) return NaN
  const end =
    first === OPEN_OBJECT && wanted.members.size > 0
      ? scanObject(text, at, wanted, cells)
      : skipValue(text, at)
  if (wanted.cell !== undefined) cells[wanted.cell] = cellOf(text, first, at, end)
  return end
}

function cellOf(text: string, first: number, at: number, end: number): string {
  if (first === QUOTE) return text.slice(at + 1, end - 1)
  const value = text.slice(at, end)
  return value === 'null' ? '' : value
}

function skipValue(text: string, at: number): number {
  const first = text.charCodeAt(at)
  if (first === QUOTE) return text.indexOf('"', at + 1) + 1
  return first === OPEN_OBJECT || first === OPEN_ARRAY ? skipNested(text, at) : skipScalar(text, at)
}

function skipScalar(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === COMMA || code === CLOSE_OBJECT || code === CLOSE_ARRAY) return at
  }
  return NaN
}

function skipNested(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = text.indexOf('"', at + 1)
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth++
    else if ((code === CLOSE_OBJECT || code === CLOSE_ARRAY) && --depth === 0) return at + 1
  }
  return NaN
}
