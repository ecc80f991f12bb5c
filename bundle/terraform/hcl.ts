/** An expression of HCL as it stands in a file. */
export interface HclExpression {
  readonly hcl: string
}

export type HclValue =
  string | number | boolean | HclExpression | readonly HclValue[] | { readonly [name: string]: HclValue }

/** An expression that is not to be quoted: `var.name`, `genesyscloud_integration.this.id`. */
export function expression(hcl: string): HclExpression {
  return { hcl }
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\\u0008', f: '\\u000c' }

/**
 * A text as HCL has it: quoted, and with the starts of HCL's own templates doubled (`${` and `%{`), so that Velocity's
 * references stay what they are.
 */
export function hclString(text: string): string {
  // What JSON escapes and HCL does not know.
  const quoted = JSON.stringify(text).replaceAll(
    /\\(.)/g,
    (escape, letter: string) => ESCAPES[letter] ?? escape,
  )
  return quoted.replaceAll(/[$%](?=\{)/g, (mark) => mark + mark)
}

/** A value, its members aligned and indented as `terraform fmt` does. */
export function hclValue(value: HclValue, indent = ''): string {
  if (typeof value === 'string') return hclString(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (isExpression(value)) return value.hcl
  const inner = `${indent}  `
  if (isList(value))
    return value.length === 0 ? '[]' : `[${value.map((each) => hclValue(each, indent)).join(', ')}]`
  const members = Object.entries(value)
  if (members.length === 0) return '{}'
  return `{\n${hclMembers(members, inner)}\n${indent}}`
}

/** `name = value` lines, the equal signs in one column where the values stand on one line. */
export function hclMembers(members: readonly (readonly [string, HclValue])[], indent: string): string {
  const lines = members.map(([name, value]) => ({ name: hclName(name), text: hclValue(value, indent) }))
  return alignedRuns(lines)
    .map(({ name, text, width }) => `${indent}${name.padEnd(width)} = ${text}`)
    .join('\n')
}

interface Line {
  readonly name: string
  readonly text: string
}

/** `terraform fmt` aligns neighbours, and a value of several lines ends a run. */
function alignedRuns(lines: readonly Line[]): readonly (Line & { readonly width: number })[] {
  const runs: Line[][] = [[]]
  for (const line of lines) {
    if (line.text.includes('\n')) runs.push([line], [])
    else runs.at(-1)?.push(line)
  }
  return runs.flatMap((run) => {
    const width = Math.max(0, ...run.map(({ name }) => name.length))
    return run.map((line) => ({ ...line, width }))
  })
}

function hclName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : hclString(name)
}

function isExpression(value: object): value is HclExpression {
  return 'hcl' in value && Object.keys(value).length === 1
}

function isList(value: object): value is readonly HclValue[] {
  return Array.isArray(value)
}
