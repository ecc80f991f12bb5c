import type { Algorithm } from '../../receiver/webhook/schemes/asymmetric.ts'

/** Where a sender's public keys come from. */
export type KeySource =
  | { readonly kind: 'url'; readonly url: URL }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'inline'; readonly jwks: unknown }

/** Where a secret stands. Never in the sources file itself: that one is read by many. */
export interface SecretSource {
  readonly from: { readonly kind: 'env' | 'file'; readonly name: string }
  /** The instant from which it is not accepted any more, for a rotation. */
  readonly until: Date | undefined
}

/** How the body of a delivery is read. */
export const FORMATS = ['filter-event', 'eventbridge'] as const
export type Format = (typeof FORMATS)[number]

interface CommonSource {
  /** The last part of its route, `/webhooks/<name>`. */
  readonly name: string
  readonly format: Format
  /** Seconds that a signed time may be old. */
  readonly windowS: number
  /** Seconds that it may lie ahead. */
  readonly toleranceS: number
  readonly perMinute: number
  /** Who may deliver; undefined when anybody may. */
  readonly addresses: readonly string[] | undefined
  readonly retired: boolean
  /** Entity types of audit events that are filters (`eventbridge`); undefined for the default. */
  readonly filterEntityTypes: readonly string[] | undefined
}

export type SourceConfig = CommonSource &
  (
    | {
        readonly scheme: 'jws'
        /** Undefined for the one that the manifest names. */
        readonly header: string | undefined
        readonly algorithms: readonly Algorithm[]
        readonly b64: boolean
        readonly keys: KeySource
      }
    | {
        readonly scheme: 'hub-sha256'
        readonly header: string
        readonly encoding: 'base64' | 'hex'
        readonly secrets: readonly SecretSource[]
        /** True when the event's own time is held against the window. */
        readonly checksEventTime: boolean
      }
    | {
        readonly scheme: 'standard-webhooks'
        readonly secrets: readonly SecretSource[]
        /** `whpk_…` */
        readonly publicKeys: readonly string[]
      }
    | { readonly scheme: 'api-key'; readonly header: string; readonly secrets: readonly SecretSource[] }
  )
