import { cutText } from './cut-text.ts'
import { markup } from './markup.ts'
import type { Markup } from './markup.ts'

export interface Table {
  readonly caption: string
  readonly columns: readonly string[]
  /** The first cell of a row is its name. */
  readonly rows: readonly (readonly (string | Markup)[])[]
}

/** A name may be as long as its sender likes. */
const CELL_COLUMNS = 160
const MOST_ROWS = 1000

/** As many columns as a telephone shows beside each other. */
const MOST_NARROW = 3
/** May be broken anywhere, so that a column is no wider than others. */
const LONG_WORD = /\S{17}/

/** A table of many columns becomes a list of cards where it is too wide. */
export function table({ caption, columns, rows }: Table): Markup {
  const left = rows.length - MOST_ROWS
  const note =
    left > 0
      ? markup`<p class="note">${left} more rows are left out: ask for a shorter period.</p>`
      : undefined
  const kind = columns.length > MOST_NARROW ? markup` class="many"` : undefined
  const head = columns.map(
    (column) =>
      markup`<th scope="col"${LONG_WORD.test(column) ? markup` class="long"` : undefined}>${column}</th>`,
  )
  return markup`<table${kind}><caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>${rows.slice(0, MOST_ROWS).map((row) => tableRow(row, columns))}</tbody>
</table>${note}`
}

function tableRow(row: readonly (string | Markup)[], columns: readonly string[]): Markup {
  const cells = row.map((cell, i) => {
    const content = typeof cell === 'string' ? cutText(cell, CELL_COLUMNS) : cell
    return i === 0
      ? markup`<th scope="row"><bdi>${content}</bdi></th>`
      : markup`<td data-label="${columns[i] ?? ''}">${content}</td>`
  })
  return markup`<tr>${cells}</tr>`
}

/** The same numbers as a picture above it. */
export function foldedTable(content: Table): Markup {
  return markup`<details><summary>The same as a table</summary>
${table(content)}
</details>`
}
