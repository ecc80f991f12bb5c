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
    const after = starts.findIndex((start) => start > offset)
    const line = after === -1 ? starts.length : after
    return { line, column: offset - (starts[line - 1] ?? 0) + 1 }
  }
}
