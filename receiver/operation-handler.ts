import type { ActionCall } from './action-handler.ts'

/** What the receiver is handed for each operation of the pipeline: `POST /pipeline/<name>`. */
export interface OperationRoute {
  readonly name: string
  /** The scope that a token needs. */
  readonly scope: string
  readonly handle: (
    input: unknown,
    context: ActionCall,
    tell: (progress: object) => void,
  ) => Promise<OperationAnswer>
}

export type OperationAnswer =
  | { readonly kind: 'done'; readonly result: object }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'unreachable'; readonly message: string }
