/**
 * What the receiver is handed for each data action. It knows names and scopes from the manifest; what an
 * action does is the handler's.
 */
export interface ActionRoute {
  /** The last part of the path: `/actions/<name>`. */
  readonly name: string
  /** The scope that a token needs. */
  readonly scope: string
  readonly handle: (input: unknown, context: ActionCall) => Promise<object>
  /** What takes a batch: at most {@link MAX_BATCH_ITEMS} items. Default: the action takes one input at a time. */
  readonly handleMany?: (items: readonly BatchItem[], context: ActionCall) => Promise<object>
}

/** Items of one batch, at most. */
export const MAX_BATCH_ITEMS = 1000

/** One item of a batch: the value of a line, or of a place in a list, numbered from 1. */
export type BatchItem =
  | { readonly line: number; readonly input: unknown }
  /** Why it is no JSON value. Never text of the body. */
  | { readonly line: number; readonly unreadable: string }

export interface ActionCall {
  readonly actor: { readonly type: 'client'; readonly id: string }
  readonly correlationId?: string
  readonly organizationId?: string
}
