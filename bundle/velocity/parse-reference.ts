import { accept, type Cursor, deeper, peek, refuse, standsAt } from './cursor.ts'
import type { Expression, Reference, ReferenceForm, Step } from './syntax-tree.ts'

/**
 * Velocity 1.x lets `-` stand in a name, 2.x where it is configured so. Names of inputs may hold one, so it may here.
 */
const NAME = /[a-zA-Z_][a-zA-Z0-9_-]*/y
/** A call, as far as Velocity looks ahead: `$price.each(see below)` is a property and text. */
const CALL = /\((?:[\s"'[{(!)\d]|-?\.?\d|-[.\d$]|\$!?\{?[a-zA-Z_]|(?:true|false|not)\b)/y
/** Velocity also takes `${$name}` for `${name}`. */
const OPENING = /\$!?(\{\$?)?(?=[a-zA-Z_])/y

/**
 * Reads what starts at a `$`. What only looks like a reference (`$5`, `$.id`, `$[`, `${}`) is text: undefined, and the
 * cursor stays. Throws a `template-invalid` BundleError for a reference that does not end.
 */
export function parseReference(cursor: Cursor, backslashes: number): Reference | undefined {
  const start = cursor.at
  const opening = peek(cursor, OPENING)
  if (!opening) return undefined
  const braced = opening[1] !== undefined
  cursor.at += opening[0].length
  const root = peek(cursor, NAME)?.[0] ?? ''
  if (root === '') {
    cursor.at = start
    return undefined
  }
  cursor.at += root.length
  const steps = parseSteps(cursor)
  const alternate = braced ? parseAlternate(cursor) : undefined
  if (braced && !accept(cursor, '}'))
    refuse(cursor, cursor.at, `"}" is missing: ${quoted(cursor, start)} is not closed`)
  return {
    kind: 'reference',
    root,
    steps,
    form: formOf(opening[0]),
    source: cursor.text.slice(start, cursor.at),
    backslashes,
    ...(alternate && { alternate }),
    place: cursor.placeOf(start),
  }
}

function formOf(opening: string): ReferenceForm {
  if (opening.startsWith('$!')) return 'quiet'
  return opening.startsWith('${') ? 'formal' : 'plain'
}

function quoted(cursor: Cursor, start: number): string {
  return cursor.text.slice(start, Math.min(cursor.at, start + 60))
}

function parseSteps(cursor: Cursor): readonly Step[] {
  const steps: Step[] = []
  for (;;) {
    const step = standsAt(cursor, '[') ? parseIndex(cursor) : parseMember(cursor)
    if (!step) return steps
    steps.push(step)
  }
}

function parseIndex(cursor: Cursor): Step {
  const start = cursor.at
  cursor.at += 1
  const index = deeper(cursor, cursor.grammar.expression)
  if (!accept(cursor, ']')) refuse(cursor, cursor.at, '"]" is missing after the index')
  return { kind: 'index', index, place: cursor.placeOf(start) }
}

function parseMember(cursor: Cursor): Step | undefined {
  const start = cursor.at
  if (!accept(cursor, '.')) return undefined
  const name = peek(cursor, NAME)?.[0]
  if (name === undefined) {
    // "$name." at the end of a sentence: the full stop is text.
    cursor.at = start
    return undefined
  }
  cursor.at += name.length
  const place = cursor.placeOf(start + 1)
  if (!peek(cursor, CALL)) return { kind: 'property', name, place }
  cursor.at += 1
  return { kind: 'method', name, args: deeper(cursor, (inner) => parseArguments(inner, name)), place }
}

function parseArguments(cursor: Cursor, method: string): readonly Expression[] {
  const args: Expression[] = []
  if (accept(cursor, ')')) return args
  do args.push(cursor.grammar.expression(cursor))
  while (accept(cursor, ','))
  if (!accept(cursor, ')'))
    refuse(cursor, cursor.at, `"," or ")" is missing in the arguments of ${method}(...)`)
  return args
}

function parseAlternate(cursor: Cursor): Expression | undefined {
  return accept(cursor, '|') ? deeper(cursor, cursor.grammar.expression) : undefined
}
