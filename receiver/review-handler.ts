import type { ActionCall } from './action-handler.ts'

/** What the receiver is handed for the review queue: `/reviews/next`, `/reviews/stats`, `/reviews/label`, `/reviews/plan`. */
export interface ReviewHandlers {
  readonly next: (query: { readonly reviewer: string; readonly filter?: string }) => ReviewNext
  readonly stats: () => object
  readonly label: (input: unknown, context: ActionCall) => Promise<ReviewAnswer>
  readonly plan: (input: unknown, context: ActionCall) => Promise<ReviewAnswer>
}

export type ReviewNext =
  | { readonly kind: 'item'; readonly item: object }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown-filter' }
  | { readonly kind: 'invalid'; readonly message: string }

export interface ReviewAnswer {
  readonly status: string
}
