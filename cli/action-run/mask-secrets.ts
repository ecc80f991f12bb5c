import type { JsonMembers, JsonValue } from '../../bundle/definition/data-action.ts'

/** What is printed in place of a secret. */
const MASK = '(hidden)'

/** A shorter one would blot out half of what is shown, and is no secret. */
const MIN_SECRET = 4

/** Headers that hold nothing but a secret, but for the word before it. */
const SECRET_HEADERS =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-api-key|api-key|x-auth-token)$/i

/** Members of a token's answer that say what it is, and are none. */
const TOLD_OF_TOKEN: readonly string[] = ['token_type', 'scope']

/** The secrets in what an auth action gave. */
export function secretsOf(token: JsonMembers): readonly string[] {
  return Object.entries(token).flatMap(([name, value]) =>
    typeof value === 'string' && !TOLD_OF_TOKEN.includes(name) ? [value] : [],
  )
}

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

/** The same for one text, also for a secret that a template has encoded. The longest first: one may be a part of another. */
export function maskText(text: string, secrets: readonly string[]): string {
  return [...new Set(secrets.filter(isSecret).flatMap(formsOf))]
    .filter(isSecret)
    .sort((a, b) => b.length - a.length)
    .reduce((masked, form) => masked.replaceAll(form, () => MASK), text)
}

function isSecret(text: string): boolean {
  return text.length >= MIN_SECRET
}

/** How a secret stands in a URL, in JSON, in JSON within JSON, or in base64. */
function formsOf(secret: string): readonly string[] {
  const plain = [secret, inJson(secret), inJson(inJson(secret))]
  const base64 = [Buffer.from(secret).toString('base64'), ...[0, 1, 2].map((at) => base64Within(secret, at))]
  return [...plain, ...base64].flatMap((form) => [form, ...urlForms(form)])
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** A form's way writes a space as +, and more characters by number, than a path's does. */
function urlForms(text: string): readonly string[] {
  const path = encodeURIComponent(text.toWellFormed())
  return [path, new URLSearchParams({ '': text }).toString().slice(1)]
}

/** The characters of base64 that a secret alone decides, when what stands before it leaves `offset` bytes over. */
function base64Within(secret: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)])
  const wholeChars = Math.floor((bytes.length * 8) / 6)
  return bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), wholeChars)
}

/** `Bearer xyz` keeps its scheme: whether that is right is what somebody looks for. */
function maskedHeader(value: string): string {
  const [, scheme = ''] = /^([A-Za-z][A-Za-z0-9-]* )?/.exec(value) ?? []
  return `${scheme}${MASK}`
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
