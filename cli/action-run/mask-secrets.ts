import type { JsonValue } from '../../bundle/definition/data-action.ts'

/** What is printed in place of a secret. */
const MASK = '(hidden)'

/** A shorter one would blot out half of what is shown, and is no secret. */
const MIN_SECRET = 4

/** Headers that hold nothing but a secret, but for the word before it. */
const SECRET_HEADERS =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-api-key|api-key|x-auth-token)$/i

/** Takes secrets out of what is to be shown: each by its value, and whatever a header for secrets holds. */
export function maskSecrets(value: JsonValue, secrets: readonly string[]): JsonValue {
  if (typeof value === 'string') return maskText(value, secrets)
  if (isList(value)) return value.map((item) => maskSecrets(item, secrets))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      SECRET_HEADERS.test(name) && typeof member === 'string'
        ? maskedHeader(member)
        : maskSecrets(member, secrets),
    ]),
  )
}

/** The same for one text. The longest first: one secret may be a part of another. */
export function maskText(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= MIN_SECRET)
    .sort((a, b) => b.length - a.length)
    .reduce((masked, secret) => masked.replaceAll(secret, () => MASK), text)
}

/** `Bearer xyz` keeps its scheme: whether that is right is what somebody looks for. */
function maskedHeader(value: string): string {
  const [, scheme = ''] = /^([A-Za-z][A-Za-z0-9-]* )?/.exec(value) ?? []
  return `${scheme}${MASK}`
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
