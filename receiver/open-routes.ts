/** What may be read without a token. Verification needs no secret; entries tell what happened. */
export const OPEN_ROUTES = ['checkpoint', 'tiles', 'proofs', 'entries'] as const
export type OpenRoute = (typeof OPEN_ROUTES)[number]

export const DEFAULT_OPEN_ROUTES: readonly OpenRoute[] = ['checkpoint', 'tiles', 'proofs']
