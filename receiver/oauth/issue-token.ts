import type { Append, EntryDraft } from '../../ledger/entry/entry.ts'
import type { IssueOptions } from '../auth/access-token.ts'
import type { OAuthClient } from './oauth-client.ts'
import { TokenRefusal } from './token-refusal.ts'

export interface IssueDeps {
  readonly append: Append
  /** Signs the token. */
  readonly issue: (options: IssueOptions) => Promise<string>
  /** Seconds that a token is good for. */
  readonly lifetimeS: number
  readonly newTokenId: () => string
  readonly now: () => Date
}

/** Which client gets a token, and for what. */
export interface TokenOrder {
  readonly client: OAuthClient
  /** Undefined: all that the client has. */
  readonly scopes: readonly string[] | undefined
  readonly correlationId?: string
  readonly organizationId?: string
}

/** The answer of RFC 6749 §5.1. */
export interface IssuedToken {
  readonly access_token: string
  readonly token_type: 'bearer'
  /** Seconds. */
  readonly expires_in: number
  readonly scope: string
}

/** Issues a token. It is on record before it leaves. @throws TokenRefusal `scope-refused`; LedgerError */
export type IssueToken = (order: TokenOrder) => Promise<IssuedToken>

export function tokenIssue({ append, issue, lifetimeS, newTokenId, now }: IssueDeps): IssueToken {
  return async (order) => {
    const { client, scopes = client.scopes } = order
    if (!scopes.every((scope) => client.scopes.includes(scope))) throw new TokenRefusal('scope-refused')
    const issuedAt = now()
    const expiresIn = secondsOf(client, issuedAt, lifetimeS)
    const tokenId = newTokenId()
    const subject = client.id
    const token = await issue({ subject, scopes, lifetimeS: expiresIn, tokenId, now: issuedAt })
    const expiresAt = endOf(issuedAt, expiresIn)
    await append({ entry: issuedEntry(order, { tokenId, scopes, expiresAt }) })
    return { access_token: token, token_type: 'bearer', expires_in: expiresIn, scope: scopes.join(' ') }
  }
}

/** No token outlives its client. */
function secondsOf({ expiresAt }: OAuthClient, issuedAt: Date, lifetimeS: number): number {
  if (!expiresAt) return lifetimeS
  const leftS = Math.floor((expiresAt.getTime() - issuedAt.getTime()) / 1000)
  return Math.max(1, Math.min(lifetimeS, leftS))
}

/** As the token itself has it: whole seconds (RFC 7519 §2). */
function endOf(issuedAt: Date, lifetimeS: number): string {
  return new Date((Math.floor(issuedAt.getTime() / 1000) + lifetimeS) * 1000).toISOString()
}

function issuedEntry(
  { client, correlationId, organizationId }: TokenOrder,
  token: { readonly tokenId: string; readonly scopes: readonly string[]; readonly expiresAt: string },
): EntryDraft {
  const { tokenId, scopes, expiresAt } = token
  return {
    type: 'token.issued',
    actor: { type: 'client', id: client.id, name: client.name },
    entity: { type: 'token', id: tokenId },
    action: 'issue',
    status: 'SUCCESS',
    ...(correlationId !== undefined && { correlationId }),
    ...(organizationId !== undefined && { organizationId }),
    data: { tokenId, clientId: client.id, scopes, expiresAt },
  }
}
