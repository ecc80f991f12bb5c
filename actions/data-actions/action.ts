import type { Actor } from '../../ledger/entry/entry.ts'

/** Who calls, as the receiver found out. */
export interface ActionContext {
  readonly actor: Actor
  /** Genesys' `inin-correlation-id`. */
  readonly correlationId?: string
  /** Genesys' `inin-organization-id`. */
  readonly organizationId?: string
}

/** What a flow can bind: scalars, and lists of texts. Every field is always present. */
export interface ActionResult {
  readonly [field: string]: string | number | boolean | readonly string[]
  readonly status: string
  /** Empty when all went well. */
  readonly errorCode: string
  readonly message: string
}

/**
 * A data action. Refusals of business are results; it rejects only for faults of our own (LedgerError), so
 * that the platform tries again.
 */
export type DataAction = (input: unknown, context: ActionContext) => Promise<ActionResult>

/** Members that say who called, as an entry takes them. */
export function callerOf({ actor, correlationId, organizationId }: ActionContext) {
  return {
    actor,
    ...(correlationId !== undefined && { correlationId }),
    ...(organizationId !== undefined && { organizationId }),
  }
}
