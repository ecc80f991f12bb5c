import type { Observation, Rule } from '../rule.ts'
import type { TemplateMember } from '../templates.ts'

export const literalSecret: Rule = {
  id: 'literal-secret',
  severity: 'warning',
  title: 'A secret written into the file',
  why: "An export is mailed, copied and committed. A secret in it is everybody's, and changing it means changing every copy; a credential of the integration is in no export.",
  check: ({ templates }) => templates.flatMap(secretsIn),
}

const FIX = 'put it into the credential of the integration and write ${credentials.NAME} here'

/** Headers that hold nothing else. */
const SECRET_HEADER =
  /^(authorization|proxy-authorization|x-auth(-token)?|cookie|(x-)?(.+-)?(api-?key|access-?key|subscription-key|token|secret|password))$/i

/** A parameter of a URL or a form, or a member of a JSON body, that holds a secret; and the secret. */
const SECRET_MEMBER =
  /(?:[?&]|^|"|\s)((?:client|app|api|shared)?_?secret|(?:api|access|auth|subscription|function)[-_]?(?:key|token)|password|passwd|refresh_token|sig)(?:=|"\s*:\s*")([^"&\s]+)/gi

/** What is a secret by how it looks, wherever it stands. */
const BY_LOOKS: readonly (readonly [string, RegExp])[] = [
  ['a JSON Web Token', /\beyJ[\w-]{10,400}\.eyJ[\w-]{10}/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['an AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a token of a known service', /\b(?:gh[pousr]_\w{20,}|xox[abpr]-[\w-]{10,}|sk-[\w-]{20,}|AIza[\w-]{30,})/],
  ['a name and a password', /^\s*[a-z]+:\/\/[^/?#\s$:@]+:[^/?#\s$@]+@/i],
  [
    'an encoded name and password',
    /base64\(\s*(?:"[^"$:]{1,200}:[^"$]{1,400}"|'[^':]{1,200}:[^']{1,400}')\s*\)/,
  ],
]

/** One of each member: what is found by its looks tells more than what is found by its name. */
function secretsIn(member: TemplateMember): readonly Observation[] {
  const found = byLooks(member) ?? byHeader(member) ?? byName(member)
  return found ? [{ path: member.path, fix: FIX, ...found }] : []
}

type Found = Pick<Observation, 'at' | 'message' | 'severity'> | undefined

function byLooks({ text }: TemplateMember): Found {
  for (const [what, looks] of BY_LOOKS) {
    const at = text.search(looks)
    if (at !== -1) return { at, message: `${what} stands in the file` }
  }
  return undefined
}

function byHeader({ role, path, text }: TemplateMember): Found {
  const name = path.slice('config.request.headers.'.length)
  if (role !== 'header' || !SECRET_HEADER.test(name)) return undefined
  const secret = text.replace(/^\s*(?:bearer|basic|apikey|token|key)\s+/i, '')
  return told(secret, `the value of ${name} stands in the file`)
}

function byName({ role, text }: TemplateMember): Found {
  if (role === 'success' || role === 'header') return undefined
  for (const { 1: name = '', 2: secret = '', index, 0: whole } of text.matchAll(SECRET_MEMBER)) {
    const found = told(secret, `the value of ${name} stands in the file`)
    if (found) return { ...found, at: index + whole.length - secret.length }
  }
  return undefined
}

/** What an example has in place of a secret. */
const PLACEHOLDER =
  /^(?:<.*>|\[.*\]|\{\{.*\}\}|[*x.]+|.*\b(?:your|my|example|changeme|placeholder|dummy|todo|replace)\b.*|.*(?:your|replace)[-_ ].*)$/i

/** A reference is no secret, and what is shorter than any secret is none. */
function told(secret: string, message: string): Found {
  const text = secret.trim()
  if (text.length < 6 || /\$!?\{?[a-z]/i.test(text)) return undefined
  if (!PLACEHOLDER.test(text)) return { message }
  return { severity: 'note', message: `${message}, for now as a placeholder: whoever fills it in exports it` }
}
