export type BundleErrorCode =
  /** A file is no data action: not JSON, or without the members that every one has. */
  | 'definition-invalid'
  /** A template that Velocity refuses, or a reference that cannot be carried out. */
  | 'template-invalid'
  /** A JSONPath that Jayway refuses. */
  | 'path-invalid'
  /** An answer that the paths cannot be applied to: too deep, or too much work. */
  | 'mapping-failed'
  /** A contract that is no JSON schema. */
  | 'contract-invalid'
  /** Inputs that a run cannot take: no name, a name given twice, or one that the contract does not have. */
  | 'input-invalid'
  /** The organization and the installer do not agree on what is there. */
  | 'install-refused'

/** Where in a text: both count from 1. */
export interface TextPlace {
  readonly line: number
  readonly column: number
}

/** What stands in a data action, or in an organization, that cannot be worked with. The message says what to do. */
export class BundleError extends Error {
  override readonly name = 'BundleError'
  readonly code: BundleErrorCode
  /** Within the text at fault, where that is known. */
  readonly place: TextPlace | undefined

  constructor(code: BundleErrorCode, message: string, options: ErrorOptions & { place?: TextPlace } = {}) {
    super(message, options)
    this.code = code
    this.place = options.place
  }
}
