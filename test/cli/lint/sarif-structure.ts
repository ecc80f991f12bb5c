/** What must, and what may stand in an object of SARIF 2.1.0 (OASIS, §3): those that our logs have. */
interface Shape {
  readonly required: Readonly<Record<string, Check>>
  readonly optional: Readonly<Record<string, Check>>
}

type Check = (value: unknown, path: string) => readonly string[]

const text: Check = (value, path) => (typeof value === 'string' && value !== '' ? [] : [`${path} is no text`])
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value, path) =>
    values.includes(value) ? [] : [`${path} is none of ${values.join(', ')}`]
const wholeFrom =
  (least: number): Check =>
  (value, path) =>
    Number.isInteger(value) && Number(value) >= least ? [] : [`${path} is no whole number from ${least}`]
const absoluteUri: Check = (value, path) =>
  typeof value === 'string' && URL.canParse(value) ? [] : [`${path} is no URI`]
/** RFC 3986: what a relative or absolute reference is written with, and no more. */
const uriReference: Check = (value, path) =>
  typeof value === 'string' && /^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[0-9A-F]{2})+$/.test(value)
    ? []
    : [`${path} is no URI reference`]
const listOf =
  (check: Check, least = 0): Check =>
  (value, path) =>
    Array.isArray(value) && value.length >= least
      ? value.flatMap((item, i) => check(item, `${path}.${i}`))
      : [`${path} is no list of ${least} or more`]
const anyObject: Check = (value, path) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? [] : [`${path} is no object`]

function object({ required, optional }: Shape): Check {
  return (value, path) => {
    const problems = anyObject(value, path)
    if (problems.length > 0) return problems
    const members = value as Readonly<Record<string, unknown>>
    const checks = { ...optional, ...required }
    return [
      ...Object.keys(required)
        .filter((name) => !Object.hasOwn(members, name))
        .map((name) => `${path}.${name} is missing`),
      ...Object.entries(members).flatMap(([name, member]) =>
        (checks[name] ?? (() => [`${path}.${name} is not known`]))(member, `${path}.${name}`),
      ),
    ]
  }
}

const level = oneOf('none', 'note', 'warning', 'error')
const message = object({ required: { text }, optional: { markdown: text } })

const rule = object({
  required: { id: text, shortDescription: message, fullDescription: message, help: message },
  optional: {
    helpUri: absoluteUri,
    defaultConfiguration: object({ required: { level }, optional: {} }),
    properties: anyObject,
  },
})

const location = object({
  required: {
    physicalLocation: object({
      required: {
        artifactLocation: object({ required: { uri: uriReference }, optional: { uriBaseId: text } }),
        region: object({ required: { startLine: wholeFrom(1), startColumn: wholeFrom(1) }, optional: {} }),
      },
      optional: {},
    }),
  },
  optional: {
    logicalLocations: listOf(object({ required: { name: text, fullyQualifiedName: text }, optional: {} })),
  },
})

const result = object({
  required: { ruleId: text, level, message, locations: listOf(location, 1), partialFingerprints: anyObject },
  optional: { ruleIndex: wholeFrom(0) },
})

const driver = object({
  required: { name: text, semanticVersion: text, rules: listOf(rule, 1) },
  optional: {},
})

const log = object({
  required: {
    version: oneOf('2.1.0'),
    runs: listOf(
      object({
        required: { tool: object({ required: { driver }, optional: {} }), results: listOf(result) },
        optional: { columnKind: oneOf('utf16CodeUnits', 'unicodeCodePoints') },
      }),
      1,
    ),
  },
  optional: { $schema: absoluteUri },
})

/** Where a log is no SARIF 2.1.0 of the kind that code scanning services take; nothing when it is. */
export function sarifProblems(value: unknown): readonly string[] {
  return log(value, 'log')
}
