/** Where a command prints. Results go to `out`, everything else to `err`. */
export interface Output {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

export const STANDARD_OUTPUT: Output = {
  out: (text) => process.stdout.write(text + '\n'),
  err: (text) => process.stderr.write(text + '\n'),
}

/** A small table: columns as wide as their widest cell, numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => align(cell, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function align(cell: string, width: number): string {
  return /^[-+]?[\d.,%]+( ms)?$/.test(cell) ? cell.padStart(width) : cell.padEnd(width)
}
