/** The types of an action's outputs. `texts`: a list of texts, a collection in Architect. */
export type OutputType = 'string' | 'integer' | 'number' | 'boolean' | 'texts'

/** What one output is: its type, what it says, and its value where there is nothing to say (default: the empty one). */
export type OutputField = readonly [type: OutputType, description: string, absent?: number]

/** The outputs of an answer: exactly its members, in this order. Each is always present. */
export type OutputFields<Answer extends object> = Readonly<Record<keyof Answer & string, OutputField>>

/** What a data action takes and answers: the one source of its definition, its documentation and its OpenAPI. */
export interface ActionContract {
  readonly input: new () => object
  /** Whether the action takes a batch, too: many inputs in one request, each with its `requestId`. Default false. */
  readonly takesMany?: true
  readonly output: Readonly<Record<string, OutputField>>
  /** What each `status` means. */
  readonly statuses: Readonly<Record<string, string>>
  /** What each `errorCode` means, and what to do. */
  readonly refusals: Readonly<Record<string, string>>
}
