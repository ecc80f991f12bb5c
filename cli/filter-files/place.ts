/** A place in a text as editors count it: from 1, the column in UTF-16 units. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Something that is wrong in a text, at an offset in UTF-16 units, and what to do. */
export interface Fault {
  readonly at: number
  readonly message: string
}

/** Gives the places of a text: of each offset, its line and column. */
export function placesOf(text: string): (offset: number) => Place {
  const starts = [0]
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  return (offset) => {
    const line = linesUpTo(starts, offset)
    return { line, column: offset - (starts[line - 1] ?? 0) + 1 }
  }
}

/** How many lines begin at an offset or before it. A file of faults asks often: it halves. */
function linesUpTo(starts: readonly number[], offset: number): number {
  let [low, high] = [1, starts.length]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle - 1] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
