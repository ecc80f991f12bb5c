import type { ActionBundle, BundleAuth } from '../../bundle/definition/data-action.ts'

/** What an install wants of a bundle. */
export interface BundleRequest {
  readonly integrationName: string
  /** Where the receiver answers, without a slash at the end. */
  readonly baseUrl: string
  readonly auth: BundleAuth
}

/** Makes the bundle that is installed. */
export type MakeBundle = (request: BundleRequest) => ActionBundle | Promise<ActionBundle>
