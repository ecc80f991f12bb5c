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
  /** An input that its contract does not take. */
  | 'input-invalid'
  /** Templates that render to no request. */
  | 'request-invalid'
  /** No token could be had. */
  | 'unauthorized'
  /** There is no answer, and not for want of time. */
  | 'unreachable'
  /** An answer that no data action can use. */
  | 'answer-unusable'
  /** A result that is no JSON, or that its contract does not allow. */
  | 'result-invalid'
  /** The organization and the installer do not agree on what is there. */
  | 'install-refused'

/** Where in a text: both count from 1. */
export interface TextPlace {
  readonly line: number
  readonly column: number
}

export interface BundleErrorOptions extends ErrorOptions {
  readonly place?: TextPlace
  readonly field?: string
}

/** What stands in a data action, or in an organization, that cannot be worked with. The message says what to do. */
export class BundleError extends Error {
  override readonly name = 'BundleError'
  readonly code: BundleErrorCode
  /** Within the text at fault, where that is known. */
  readonly place: TextPlace | undefined
  /** The input or output at fault, where there is one. */
  readonly field: string | undefined

  constructor(code: BundleErrorCode, message: string, options: BundleErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.place = options.place
    this.field = options.field
  }
}
