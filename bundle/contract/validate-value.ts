import ajvDraft04 from 'ajv-draft-04'
import type { ValidateFunction } from 'ajv-draft-04'
import { matchWithin } from '../bounded-pattern.ts'
import { BundleError } from '../bundle-error.ts'
import type { JsonMembers, JsonValue } from '../definition/data-action.ts'
import { explainFault } from './explain-fault.ts'
import { plainSchema } from './plain-schema.ts'

/** Where a value breaks its contract. */
export interface ValueProblem {
  /** The members and places that lead there; of what is missing, to where it would stand. */
  readonly path: readonly string[]
  /** One sentence that names the place. It holds nothing of the value. */
  readonly message: string
}

/** Everything that is wrong with a value at once; nothing, when it fits. */
export type ValueCheck = (value: JsonValue) => readonly ValueProblem[]

/** Why a pattern could not be matched, by the pattern. */
type PatternTroubles = Map<string, string>

const MAX_VALUE_DEPTH = 500

/**
 * Makes a check of a contract's schema, draft-04. What a strange schema says beside draft-04 (formats, keywords of other
 * dialects) is not looked at, and no text is turned into a number. A pattern that does not compile, or that takes too long
 * on a value, is a problem of the value.
 *
 * Throws a {@link BundleError} `contract-invalid` for what is no schema, with its place from `where` on.
 */
export function compileContract(schema: JsonMembers, where: string): ValueCheck {
  const troubles: PatternTroubles = new Map()
  const validate = compile(plainSchema(schema, where), where, troubles)
  return (value) => {
    if (isDeeper(value, MAX_VALUE_DEPTH))
      return [{ path: [], message: `the value is nested more than ${MAX_VALUE_DEPTH} deep` }]
    for (const [pattern, trouble] of troubles) if (trouble === TOO_SLOW) troubles.delete(pattern)
    if (validate(value)) return unseen(troubles, [])
    const faults = (validate.errors ?? []).filter(
      ({ schemaPath }) => !/\/(anyOf|oneOf)\/\d+\//.test(schemaPath),
    )
    const problems = faults.map((fault) => explainFault(fault, value, troubles))
    return [...problems, ...unseen(troubles, problems)]
  }
}

/** What is wrong with a value by a contract's schema: {@link compileContract} for one value. */
export function validateValue(schema: JsonMembers, value: JsonValue, where: string): readonly ValueProblem[] {
  return compileContract(schema, where)(value)
}

/** Knows what a schema is. It keeps nothing of those that it sees. */
const DRAFT_04 = new ajvDraft04.default({ strict: false, logger: false, validateFormats: false })

const TOO_SLOW = 'takes too long on this value'

function compile(schema: JsonMembers, where: string, troubles: PatternTroubles): ValidateFunction {
  if (DRAFT_04.validateSchema(schema) !== true) {
    const [fault] = DRAFT_04.errors ?? []
    const at = [where, ...(fault?.instancePath ?? '').split('/').slice(1)].join('.')
    throw new BundleError(
      'contract-invalid',
      `${at} ${fault?.message ?? 'is wrong'}: write a JSON schema, draft-04`,
    )
  }
  const ajv = new ajvDraft04.default({
    allErrors: true,
    strict: false,
    validateFormats: false,
    // Members that every object inherits are no members of the value.
    ownProperties: true,
    unicodeRegExp: false,
    logger: false,
    meta: false,
    validateSchema: false,
    code: { regExp: patternEngine(troubles) },
  })
  try {
    return ajv.compile(schema)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new BundleError('contract-invalid', `${where} cannot be used as a JSON schema: ${reason}`, {
      cause,
    })
  }
}

/** Patterns are a stranger's: one that fails is told, and matches nothing. */
function patternEngine(troubles: PatternTroubles): {
  (pattern: string): { test: (text: string) => boolean; toString: () => string }
  code: string
} {
  const engine = (pattern: string): { test: (text: string) => boolean; toString: () => string } => ({
    test: (text) => {
      if (troubles.has(pattern)) return false
      const matches = isCompilable(pattern) ? matchWithin(pattern, '', text) : undefined
      if (matches === undefined)
        troubles.set(pattern, isCompilable(pattern) ? TOO_SLOW : 'does not compile here')
      return matches ?? false
    },
    // The validator keeps one matcher for all that read the same.
    toString: () => pattern,
  })
  return Object.assign(engine, { code: 'new RegExp' })
}

function isCompilable(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp
  } catch {
    return false
  }
}

/** Troubles that no problem tells: those of patterns for names. */
function unseen(troubles: PatternTroubles, problems: readonly ValueProblem[]): readonly ValueProblem[] {
  return [...troubles]
    .map(([pattern, trouble]) => `the pattern ${JSON.stringify(pattern)} ${trouble}`)
    .filter((told) => !problems.some(({ message }) => message.endsWith(told)))
    .map((message) => ({ path: [], message }))
}

function isDeeper(value: JsonValue, limit: number): boolean {
  let level: readonly JsonValue[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true
    level = level.flatMap((each): readonly JsonValue[] =>
      typeof each === 'object' && each !== null ? Object.values(each) : [],
    )
  }
  return false
}
