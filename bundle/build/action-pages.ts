import { inputFields } from '../../actions/contract/input-fields.ts'
import type { InputField } from '../../actions/contract/input-fields.ts'
import type { ActionSource } from './action-source.ts'

/** A table of all actions: what each is called, where it answers, what its token needs. Markdown. */
export function actionTable(sources: readonly ActionSource[]): string {
  return table(
    ['action', 'endpoint', 'scope', 'what it does'],
    sources.map(({ name, title, method, path, scope, description }) => [
      `[${title}](#${name})`,
      `\`${method} ${path}\``,
      `\`${scope}\``,
      description,
    ]),
  )
}

/** What an administrator must allow so that the bundle can be installed, and an operator so that it can work. */
export function permissionTable(genesys: {
  readonly installScopes: readonly string[]
  readonly installPermissions: readonly string[]
  readonly oauthScopes: readonly string[]
}): string {
  const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')
  return table(
    ['whose', 'needs', 'what for'],
    [
      [
        'the OAuth client that installs',
        `scope ${code(genesys.installScopes)}`,
        '`actions install`, `actions uninstall`',
      ],
      ['its role', code(genesys.installPermissions), 'the same'],
      [
        'the receiver\u2019s OAuth client',
        `scopes ${code(genesys.oauthScopes)}`,
        'the filters and their subscriptions',
      ],
    ],
  )
}

/** What one action takes, answers and refuses. Markdown, without a heading. */
export function actionPage({ contract }: ActionSource): string {
  const inputs = inputFields(contract.input).map((field) => [
    `\`${field.name}\``,
    field.required ? `${field.type}, required` : field.type,
    inputWords(field),
  ])
  const outputs = Object.entries(contract.output).map(([name, [type, words]]) => [
    `\`${name}\``,
    type === 'texts' ? 'list of strings' : type,
    words,
  ])
  const meanings = (of: Readonly<Record<string, string>>): readonly (readonly string[])[] =>
    Object.entries(of).map(([name, words]) => [/^[a-z_]+$/.test(name) ? `\`${name}\`` : name, words])
  return [
    table(['input', 'type', 'what it is'], inputs),
    table(['status', 'meaning'], meanings(contract.statuses)),
    table(['errorCode', 'meaning'], meanings(contract.refusals)),
    table(['output', 'type', 'what it is'], outputs),
  ].join('\n')
}

function inputWords(field: InputField): string {
  const values = field.enum && `: ${field.enum.map((value) => `\`${value}\``).join(', ')}`
  const limits = [rangeOf(field), lengthOf(field)].filter(Boolean).join(', ')
  return field.description + (values ?? '') + (limits === '' ? '' : ` (${limits})`)
}

function rangeOf({ minimum, maximum }: InputField): string {
  if (minimum === undefined) return maximum === undefined ? '' : `at most ${maximum}`
  // A bound that only keeps the number exact says nothing to a person.
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
    ? `at least ${minimum}`
    : `${minimum} to ${maximum}`
}

function lengthOf({ minLength = 0, maxLength }: InputField): string {
  if (maxLength === undefined) return ''
  return minLength === 0 ? `at most ${maxLength} characters` : `${minLength} to ${maxLength} characters`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line), ''].join('\n')
}
