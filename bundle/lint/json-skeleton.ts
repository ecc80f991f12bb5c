import { parseTemplate } from '../velocity/parse-template.ts'
import { ANY_HOLE, VALUE_HOLE } from './json-fault.ts'
import type { PlacedReference, TemplateMember } from './templates.ts'

/** A template with a hole for each reference. */
export interface JsonSkeleton {
  readonly text: string
  /** The offset in the template of an offset in the skeleton. */
  readonly offsetOf: (at: number) => number
}

/**
 * The text that a template always prints, with holes in it. Undefined for one with directives, escapes or comments: what
 * it prints is not in its text.
 *
 * @param rendersValue whether a reference renders to exactly one JSON value
 */
export function jsonSkeleton(
  { text, references, fault }: TemplateMember,
  rendersValue: (reference: PlacedReference) => boolean,
): JsonSkeleton | undefined {
  if (fault) return undefined
  const printing = references.filter(({ printer }) => !printer)
  const pieces = piecesBetween(text, printing)
  if (pieces.join('') !== literalText(text)) return undefined
  const holes = printing.map((reference) => (rendersValue(reference) ? VALUE_HOLE : ANY_HOLE))
  return {
    text: pieces.map((piece, i) => withoutHoles(piece) + (holes[i] ?? '')).join(''),
    offsetOf: (at) => offsetIn(pieces, printing, at),
  }
}

function piecesBetween(text: string, printing: readonly PlacedReference[]): readonly string[] {
  let from = 0
  const pieces = printing.map(({ at, source }) => {
    const piece = text.slice(from, at)
    from = at + source.length
    return piece
  })
  return [...pieces, text.slice(from)]
}

/** The text as Velocity prints it; undefined when a directive decides. */
function literalText(template: string): string | undefined {
  const { nodes } = parseTemplate(template)
  if (nodes.some((node) => node.kind !== 'text' && (node.kind !== 'reference' || node.backslashes > 0)))
    return undefined
  return nodes.map((node) => (node.kind === 'text' ? node.text : '')).join('')
}

/** What marks a hole marks nothing else. */
function withoutHoles(piece: string): string {
  return piece.replace(/[\ue000\ue001]/g, '?')
}

function offsetIn(pieces: readonly string[], printing: readonly PlacedReference[], at: number): number {
  let before = 0
  for (const [i, piece] of pieces.entries()) {
    const start = i === 0 ? 0 : endOf(printing[i - 1])
    if (at <= before + piece.length) return start + at - before
    before += piece.length + 1
  }
  return at
}

function endOf(reference: PlacedReference | undefined): number {
  return reference ? reference.at + reference.source.length : 0
}
