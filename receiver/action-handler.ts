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
}

export interface ActionCall {
  readonly actor: { readonly type: 'client'; readonly id: string }
  readonly correlationId?: string
  readonly organizationId?: string
}
