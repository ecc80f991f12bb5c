import type { JsonValue } from '../definition/data-action.ts'

/** What may stand at the end of a path: `$.prices.sum()`. */
export const PATH_FUNCTIONS = [
  'length',
  'size',
  'min',
  'max',
  'avg',
  'sum',
  'keys',
  'first',
  'last',
  'concat',
] as const

export type PathFunction = (typeof PATH_FUNCTIONS)[number]

export const FILTER_OPERATORS = [
  '==',
  '===',
  '!=',
  '!==',
  '<',
  '<=',
  '>',
  '>=',
  '=~',
  'in',
  'nin',
  'contains',
  'size',
  'empty',
  'subsetof',
  'anyof',
  'noneof',
] as const

export type FilterOperator = (typeof FILTER_OPERATORS)[number]

/** One step down a document. */
export type PathStep =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'scan' }
  | { readonly kind: 'filter'; readonly test: FilterTest }
  | { readonly kind: 'function'; readonly name: PathFunction; readonly args: readonly FunctionArgument[] }

export type FunctionArgument =
  { readonly kind: 'value'; readonly value: JsonValue } | { readonly kind: 'path'; readonly path: ParsedPath }

/** What a filter asks of an item. */
export type FilterTest =
  | { readonly kind: 'and' | 'or'; readonly tests: readonly FilterTest[] }
  | { readonly kind: 'not'; readonly test: FilterTest }
  | { readonly kind: 'exists'; readonly path: ParsedPath }
  | {
      readonly kind: 'compare'
      readonly left: FilterOperand
      readonly operator: FilterOperator
      readonly right: FilterOperand
    }

export type FilterOperand =
  | { readonly kind: 'value'; readonly value: JsonValue }
  | { readonly kind: 'path'; readonly path: ParsedPath }
  | { readonly kind: 'pattern'; readonly source: string; readonly flags: string }

/** A path as it was read. */
export interface ParsedPath {
  /** Within a filter, `@` is the item; everywhere else both are the whole document. */
  readonly root: '$' | '@'
  readonly steps: readonly PathStep[]
}

/**
 * Whether the first `count` steps lead to one place: no wildcard, no deep scan, no filter, no slice, no list of
 * indexes, and no list of names but at the end, where it makes one object.
 */
export function isDefinite({ steps }: ParsedPath, count = steps.length): boolean {
  return steps.slice(0, count).every((step, at) => {
    if (step.kind === 'names') return step.names.length === 1 || at === steps.length - 1
    return step.kind === 'function' || (step.kind === 'indexes' && step.indexes.length === 1)
  })
}
