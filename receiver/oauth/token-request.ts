import type { IncomingMessage } from 'node:http'
import { decodeBase64 } from '../../ledger/note/base64.ts'
import { formDecoded, formParameters } from './form-parameters.ts'
import { TokenRefusal } from './token-refusal.ts'

/** Who asks for a token, and for what. Nothing of it is checked yet but its form. */
export interface TokenRequest {
  readonly clientId: string
  readonly secret: string
  /** Undefined: all that the client has. */
  readonly scopes: readonly string[] | undefined
}

type Credentials = Pick<TokenRequest, 'clientId' | 'secret'>

const FORM_TYPE = /^application\/x-www-form-urlencoded *(?:; *charset="?utf-8"? *)?$/i
/** RFC 6749 §3.3: names, one space between. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/

/**
 * Before the body is read: what is no form, sent as it is, is not read at all.
 *
 * @throws TokenRefusal `media-type-unsupported`, `request-malformed`
 */
export function requireForm({ headersDistinct, url = '' }: IncomingMessage): void {
  // Where URLs are logged, on the way here, a secret would be too.
  if (url.includes('?')) throw malformed('Parameters belong in the body, not in the URL.')
  const [type = '', ...more] = headersDistinct['content-type'] ?? []
  const [encoding = 'identity'] = headersDistinct['content-encoding'] ?? []
  if (more.length > 0 || !FORM_TYPE.test(type) || encoding.toLowerCase() !== 'identity')
    throw new TokenRefusal('media-type-unsupported')
}

/**
 * Reads a request for a token by client credentials (RFC 6749 §4.4.2).
 *
 * @throws TokenRefusal `request-malformed`, `grant-unsupported`, `client-missing`, `scope-refused`
 */
export function readTokenRequest({ headersDistinct }: IncomingMessage, body: Uint8Array): TokenRequest {
  const parameters = formParameters(body)
  const grant = parameters.get('grant_type')
  if (grant === undefined) throw malformed('The parameter grant_type is missing: it is client_credentials.')
  const inHeader = basicCredentials(headersDistinct['authorization'] ?? [])
  const inBody = bodyCredentials(parameters)
  if (inHeader && inBody)
    throw malformed('Send client id and secret in one place: by HTTP Basic or in the body.')
  if (grant !== 'client_credentials') throw new TokenRefusal('grant-unsupported')
  const credentials = inHeader ?? inBody
  if (!credentials) throw new TokenRefusal('client-missing')
  return { ...complete(credentials), scopes: scopesOf(parameters.get('scope')) }
}

function scopesOf(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined
  if (!SCOPE.test(text))
    throw new TokenRefusal('scope-refused', {
      detail: 'The scope is not a list of names with a space between.',
    })
  return [...new Set(text.split(' '))]
}

function bodyCredentials(parameters: ReadonlyMap<string, string>): Partial<Credentials> | undefined {
  const clientId = parameters.get('client_id')
  const secret = parameters.get('client_secret')
  if (clientId === undefined && secret === undefined) return undefined
  return { ...(clientId !== undefined && { clientId }), ...(secret !== undefined && { secret }) }
}

function basicCredentials(values: readonly string[]): Partial<Credentials> | undefined {
  const [value, ...more] = values.filter((each) => each !== '')
  if (value === undefined) return undefined
  if (more.length > 0) throw malformed('The Authorization header stands more than once.')
  const [, encoded] = /^Basic +([A-Za-z0-9+/]*={0,2})$/i.exec(value) ?? []
  if (encoded === undefined) {
    if (/^Basic\b/i.test(value)) throw malformed('What stands behind Basic is not base64.')
    throw new TokenRefusal('client-missing', { detail: 'The Authorization header has to be HTTP Basic.' })
  }
  const text = decodeBase64(encoded)?.toString('latin1')
  const at = text?.indexOf(':') ?? -1
  if (text === undefined || at < 0)
    throw malformed('HTTP Basic is the base64 of client id, colon and client secret.')
  const clientId = formDecoded(text.slice(0, at))
  const secret = formDecoded(text.slice(at + 1))
  return { ...(clientId !== '' && { clientId }), ...(secret !== '' && { secret }) }
}

function complete({ clientId, secret }: Partial<Credentials>): Credentials {
  if (clientId === undefined)
    throw new TokenRefusal('client-missing', { detail: 'The client id is missing.' })
  if (secret === undefined)
    throw new TokenRefusal('client-missing', { detail: 'The client secret is missing.' })
  return { clientId, secret }
}

function malformed(detail: string): TokenRefusal {
  return new TokenRefusal('request-malformed', { detail })
}
