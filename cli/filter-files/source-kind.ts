/** What files are read for: the words of what is told of them, and the limits of what is read. */
export interface SourceKind {
  /** What a file holds: `a filter is expected`. */
  readonly one: string
  /** What is beyond a limit: `no filter is`. */
  readonly none: string
  /** The names of the files that are taken from a folder, and how they are called. */
  readonly names: RegExp
  readonly namesInWords: string
  /** The readers recurse. */
  readonly maxDepth: number
  /** Of one map; what comes after takes time and tells nothing. */
  readonly maxMembers: number
  /** Of one list, or the documents of a file. */
  readonly maxItems: number
}

/** An organisation has 50 filters, and none of them nests. */
export const FILTER_SOURCE: SourceKind = {
  one: 'filter',
  none: 'no filter',
  names: /\.(json|ya?ml)$/i,
  namesInWords: '*.json, *.yaml or *.yml',
  maxDepth: 32,
  maxMembers: 64,
  maxItems: 1000,
}

/** A contract nests as deep as its answers, with two levels of schema for one of theirs. */
export const ACTION_SOURCE: SourceKind = {
  one: 'data action',
  none: 'no data action',
  names: /\.json$/i,
  namesInWords: '*.json',
  maxDepth: 160,
  maxMembers: 2000,
  maxItems: 2000,
}

/** The inputs of one run of a data action: a flow has a list of single values at most. */
export const INPUT_SOURCE: SourceKind = {
  one: 'JSON object with inputs',
  none: 'no set of inputs',
  names: /\.json$/i,
  namesInWords: '*.json',
  maxDepth: 32,
  maxMembers: 2000,
  maxItems: 20_000,
}
