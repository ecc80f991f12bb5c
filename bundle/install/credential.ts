import { BundleError } from '../bundle-error.ts'
import type { ActionBundle, BundleAuth, DataAction } from '../definition/data-action.ts'

/** The credential that a bundle's actions read. */
export interface WantedCredential {
  /** Tells which fields it has: they cannot be read back. */
  readonly name: string
  readonly type: 'userDefined' | 'userDefinedOAuth'
  readonly fields: readonly string[]
}

/** What is secret. For `bearer` and `api-key` one text; for `oauth` the client's id beside it. */
export interface BundleSecret {
  readonly secret: string
  readonly clientId?: string
}

const OAUTH_FIELDS: readonly string[] = ['clientId', 'clientSecret']

/** @throws BundleError `install-refused` when the actions read fields that nobody can fill */
export function credentialOf(bundle: ActionBundle): WantedCredential {
  const { auth, integrationName, authAction } = bundle
  const read = fieldsRead(authAction ? [...bundle.actions, authAction] : bundle.actions)
  const fields = auth === 'oauth' ? OAUTH_FIELDS : read
  const isFilled = auth === 'oauth' ? read.every((name) => fields.includes(name)) : read.length === 1
  if (!isFilled) throw new BundleError('install-refused', cannotFill(auth, read))
  return {
    name: `${integrationName} (${fields.join(', ')})`,
    type: auth === 'oauth' ? 'userDefinedOAuth' : 'userDefined',
    fields,
  }
}

/** The credential's fields, filled. */
export function filledFields(
  { type, fields }: WantedCredential,
  { secret, clientId = '' }: BundleSecret,
): Readonly<Record<string, string>> {
  if (type === 'userDefinedOAuth') return { clientId, clientSecret: secret }
  return Object.fromEntries(fields.map((name) => [name, secret]))
}

/** Whether an install of this integration gave the name, with whatever fields. */
export function isCredentialName(name: string, integrationName: string): boolean {
  const fields = name.startsWith(integrationName) ? name.slice(integrationName.length) : ''
  return /^ \([A-Za-z][\w-]*(, [A-Za-z][\w-]*)*\)$/.test(fields)
}

/** The names behind `credentials.` in every template that is rendered for a request. */
function fieldsRead(actions: readonly DataAction[]): readonly string[] {
  const templates = actions.flatMap(({ config: { request } }) => [
    request.requestUrlTemplate ?? '',
    request.requestTemplate,
    ...Object.values(request.headers),
  ])
  const names = templates.flatMap((text) =>
    [...text.matchAll(/\$!?\{?credentials\.([A-Za-z][A-Za-z0-9_-]*)/g)].map(([, name = '']) => name),
  )
  return [...new Set(names)].sort()
}

function cannotFill(auth: BundleAuth, read: readonly string[]): string {
  const names = read.length === 0 ? 'none' : read.join(', ')
  return auth === 'oauth'
    ? `with oauth the actions can read the credential's clientId and clientSecret; these read: ${names}`
    : `with ${auth} the actions read one field of the credential; these read: ${names}`
}
