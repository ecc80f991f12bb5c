import { INPUTS_PATH, inputsOf, PLATFORM_INPUTS } from '../inputs.ts'
import type { LintSubject, Observation, Rule } from '../rule.ts'
import type { PlacedReference, TemplateMember } from '../templates.ts'

export const templateSyntax: Rule = {
  id: 'template-syntax',
  severity: 'error',
  title: 'A template that Velocity refuses',
  why: 'A template with a bracket or an #end too few is refused when the action is saved or called.',
  check: ({ templates }) =>
    templates.flatMap(({ path, fault }) =>
      fault ? [{ path, at: fault.at, message: fault.message, fix: 'mend the template' }] : [],
    ),
}

export const undefinedVariable: Rule = {
  id: 'undefined-variable',
  severity: 'error',
  title: 'A variable that nothing defines',
  why: 'Velocity prints a variable without a value as it is written: the service, or the result, gets the text ${input.NAME}. Names differ by their case.',
  check: (subject) =>
    subject.templates.flatMap(({ role, path, references }) =>
      references.flatMap((reference) => {
        const seen = reference.isLocal ? undefined : whyUndefined(reference, role, subject)
        return seen ? [{ path, at: reference.at, ...mildlyWhereUnseen(reference), ...seen }] : []
      }),
    ),
}

type Seen = Pick<Observation, 'message' | 'fix' | 'severity'> | undefined

/** What every template may refer to, beside the inputs; what tools there are is for the platform to say. */
const ROOTS = ['input', 'credentials', 'authResponse']
const TOOLS = ['esc', 'encoding', 'math', 'successTemplateUtils', 'urlTool', 'salesforce', 'msdynamics']

function whyUndefined(reference: PlacedReference, role: TemplateMember['role'], subject: LintSubject): Seen {
  const { root, path, calls } = reference
  if (root === 'input') return unknownInput(reference, subject)
  if (ROOTS.includes(root) || TOOLS.includes(root)) return undefined
  const meant = ROOTS.find((known) => known.toLowerCase() === root.toLowerCase())
  if (meant !== undefined && path.length > 0)
    return { message: `nothing is named ${root}`, fix: `write ${meant}: names differ by their case` }
  // A macro that is not documented, or of an integration of its own.
  if (path.length > 0 || calls.length > 0) return undefined
  return role === 'success' ? unknownVariable(reference, subject) : unknownName(reference, role, subject)
}

function unknownInput({ path: [name], source }: PlacedReference, { action }: LintSubject): Seen {
  const known = inputsOf(action).map((input) => input.name)
  if (name === undefined || known.includes(name) || PLATFORM_INPUTS.includes(name)) return undefined
  const message = `${source}: the contract has no input ${name}`
  return {
    message,
    fix: fixByCase(name, known) ?? `add it to ${INPUTS_PATH}, or write the name of one that is there`,
  }
}

function unknownVariable(
  { root, source, form, insideQuotes }: PlacedReference,
  { action }: LintSubject,
): Seen {
  const { translationMap, translationMapDefaults } = action.config.response
  const known = ['rawResult', ...Object.keys(translationMap), ...Object.keys(translationMapDefaults)]
  if (known.includes(root)) return undefined
  const fix = fixByCase(root, known) ?? `add ${root} and its path to config.response.translationMap`
  const message = `${source}: the translation map has no ${root}`
  // "$USD" within a text may be meant as it stands.
  return { message, fix, ...(form === 'plain' && insideQuotes && { severity: 'note' as const }) }
}

/** In a request: `$filter` and the like are text of many services, and mean what they say. */
function unknownName(
  { root, source, form }: PlacedReference,
  role: TemplateMember['role'],
  { action }: LintSubject,
): Seen {
  if (form === 'plain') return undefined
  const inputs = inputsOf(action).map(({ name }) => name)
  if (inputs.includes(root))
    return { message: `${source} is not the input ${root}`, fix: `write \${input.${root}}` }
  const isAnswer = root === 'rawResult' || Object.hasOwn(action.config.response.translationMap, root)
  if (isAnswer) {
    const message = `${source} is known only once there is an answer, and this is the ${role} of the request`
    return { message, fix: 'refer to inputs, credentials and authResponse here' }
  }
  return { message: `nothing is named ${root}`, fix: `write \${input.${root}}, and add it to the contract` }
}

function fixByCase(name: string, known: readonly string[]): string | undefined {
  const meant = known.find((other) => other.toLowerCase() === name.toLowerCase())
  return meant === undefined ? undefined : `write ${meant}: names differ by their case`
}

/** What prints nothing, or is looked at before it prints, breaks no call: it is only never there. */
function mildlyWhereUnseen({ form, isTested, guardedBy, root, path }: PlacedReference): Partial<Observation> {
  const isGuarded = guardedBy.includes([root, ...path].join('.'))
  return form === 'quiet' || isTested || isGuarded ? { severity: 'warning' } : {}
}
