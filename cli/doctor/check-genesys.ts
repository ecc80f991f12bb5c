import { printable } from '../webhook/printable.ts'
import type { HttpAnswer } from './ask.ts'
import type { GenesysSite } from './genesys-site.ts'
import { fail, ok, warn } from './line.ts'
import type { Finding } from './line.ts'

const REGION_ADVICE =
  'GENESYSCLOUD_REGION (or the gateway) has to be that of the organization: its Admin page stands at apps.<domain of the region>'

/** Whether the API's host is there, by name and TLS, and is Genesys Cloud. */
export async function checkHost({ apiHost, greet }: GenesysSite): Promise<Finding> {
  const answer = await greet()
  if ('unreachable' in answer) return fail(answer.unreachable, `${answer.advice}; ${REGION_ADVICE}`)
  const { status, header, body } = answer
  const isGenesys = header('inin-correlation-id') !== undefined || typeof body['contextId'] === 'string'
  if (status >= 300 && status < 400)
    return fail(
      `${apiHost} redirects elsewhere (${status})`,
      'name the host itself: redirects are not followed',
    )
  if (!isGenesys)
    return fail(
      `${apiHost} answers ${status}, but not as Genesys Cloud does`,
      `a proxy or another server is in its place; ${REGION_ADVICE}`,
    )
  if (status >= 500)
    return fail(`${apiHost} answers ${status}`, 'see status.mypurecloud.com, and try again later')
  const isSandbox = header('x-filter-ledger-sandbox') !== undefined
  return isSandbox
    ? warn(`${apiHost} is a SANDBOX of Genesys Cloud, not the real one`)
    : ok(`${apiHost} answers`)
}

/** Whether the OAuth client may log in. Wrong region and wrong secret are told apart where the answer does. */
export async function checkLogin(site: GenesysSite): Promise<Finding> {
  const answer = await site.logIn()
  if ('unreachable' in answer) return fail(answer.unreachable, `${answer.advice}; ${REGION_ADVICE}`)
  if ((await site.token()) !== undefined) {
    const hours = Number(answer.body['expires_in']) / 3600
    return ok(`${site.loginHost} gave a token${hours > 0 ? ` for ${hours.toFixed(1)} h` : ''}`)
  }
  return refusedLogin(site.loginHost, answer)
}

function refusedLogin(host: string, { status, body }: HttpAnswer): Finding {
  const { error, error_description: long, description = long, message } = body
  const said = [description, message, error].find((text) => typeof text === 'string')
  const words =
    said === undefined ? `${host} answers ${status}` : `${host} answers ${status}: ${printable(said)}`
  if (status === 429) return warn(words, 'another program may use the same client; try again in a minute')
  if (status >= 500) return fail(words, 'see status.mypurecloud.com, and try again later')
  // Genesys Cloud keeps clients by region: one of another region is unknown, whatever its secret.
  if (/not found/i.test(String(description)))
    return fail(`${words}: the client id is of another region, deleted or mistyped`, REGION_ADVICE)
  if (/unauthorized_client|unsupported_grant_type|invalid_grant/.test(String(error)))
    return fail(words, 'the OAuth client has to be of the grant type Client Credentials')
  if (error === 'invalid_client' || status === 401)
    return fail(
      `${words}: the secret or the client id is wrong; some regions answer the same to a client of another region`,
      `make a new secret in Admin, Integrations, OAuth, and set GENESYSCLOUD_OAUTHCLIENT_SECRET; ${REGION_ADVICE}`,
    )
  return fail(`${words}, which no login of Genesys Cloud does`, REGION_ADVICE)
}

/** The scopes that the token has, by the login's answer or by the API's, against those of the manifest. */
export async function checkScopes(site: GenesysSite, needed: readonly string[]): Promise<Finding> {
  if ((await site.token()) === undefined) return warn('not looked at: there is no login')
  const granted = await grantedScopes(site)
  if (!granted)
    return warn(
      'cannot be known: neither the login nor /api/v2/tokens/me tells them',
      'the lines below show whether reading is allowed; `--round-trip` whether writing is',
    )
  // The scope of a part is included in that of the whole.
  const has = (scope: string): boolean =>
    granted.some((each) => scope === each || scope.startsWith(`${each}:`))
  const missing = needed.filter((scope) => !has(scope))
  if (missing.length === 0) return ok(`all ${needed.length} that are needed`)
  return fail(
    `missing: ${missing.join(', ')}`,
    'grant them to the OAuth client in Admin, Integrations, OAuth',
  )
}

async function grantedScopes(site: GenesysSite): Promise<readonly string[] | undefined> {
  const login = await site.logIn()
  const scope = 'body' in login ? login.body['scope'] : undefined
  if (typeof scope === 'string' && scope.trim() !== '') return scope.trim().split(/\s+/)
  const info = await site.tokenInfo()
  const listed = 'body' in info && info.status === 200 ? info.body['authorizedScope'] : undefined
  const texts = Array.isArray(listed) ? listed.filter((each) => typeof each === 'string') : []
  // A client that has its rights by roles lists none.
  return texts.length === 0 ? undefined : texts
}
