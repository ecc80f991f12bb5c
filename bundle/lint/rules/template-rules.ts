import { genesysTools } from '../../velocity/macros/genesys-tools.ts'
import { INPUTS_PATH, PLATFORM_INPUTS } from '../inputs.ts'
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
    knownTemplates(subject).flatMap(({ role, path, references, known }) =>
      references.flatMap((reference) => {
        const seen = reference.isLocal ? undefined : whyUndefined(reference, role, known)
        return seen ? [{ path, at: reference.at, ...mildlyWhereUnseen(reference), ...seen }] : []
      }),
    ),
}

interface Names {
  readonly names: ReadonlySet<string>
  readonly byLowerCase: ReadonlyMap<string, string>
}

interface Known {
  readonly inputs: Names
  /** Of the translation map and its defaults, and what the platform adds. */
  readonly variables: Names
}

function knownTemplates({ action, inputs, templates }: LintSubject) {
  const { translationMap, translationMapDefaults } = action.config.response
  const variables = ['rawResult', ...Object.keys(translationMap), ...Object.keys(translationMapDefaults)]
  const known: Known = { inputs: namesOf(inputs.map(({ name }) => name)), variables: namesOf(variables) }
  return templates.map((template) => ({ ...template, known }))
}

function namesOf(names: readonly string[]): Names {
  return { names: new Set(names), byLowerCase: new Map(names.map((name) => [name.toLowerCase(), name])) }
}

type Seen = Pick<Observation, 'message' | 'fix' | 'severity'> | undefined

/** What every template may refer to, beside the inputs; what tools there are is for the platform to say. */
const ROOTS = ['input', 'credentials', 'authResponse']
/** Microsoft Dynamics' macros are the platform's too, and not known here by name. */
const TOOLS = [...Object.keys(genesysTools), 'msdynamics']

function whyUndefined(reference: PlacedReference, role: TemplateMember['role'], known: Known): Seen {
  const { root, path, calls } = reference
  if (root === 'input') return unknownInput(reference, known)
  if (ROOTS.includes(root) || TOOLS.includes(root)) return undefined
  const meant = ROOTS.find((name) => name.toLowerCase() === root.toLowerCase())
  if (meant !== undefined && path.length > 0)
    return { message: `nothing is named ${root}`, fix: `write ${meant}: names differ by their case` }
  // A macro that is not documented, or of an integration of its own.
  if (path.length > 0 || calls.length > 0) return undefined
  return role === 'success' ? unknownVariable(reference, known) : unknownName(reference, role, known)
}

function unknownInput({ path: [name], source }: PlacedReference, { inputs }: Known): Seen {
  if (name === undefined || inputs.names.has(name) || PLATFORM_INPUTS.includes(name)) return undefined
  const message = `${source}: the contract has no input ${name}`
  return {
    message,
    fix: fixByCase(name, inputs) ?? `add it to ${INPUTS_PATH}, or write the name of one that is there`,
  }
}

function unknownVariable({ root, source, form, insideQuotes }: PlacedReference, { variables }: Known): Seen {
  if (variables.names.has(root)) return undefined
  const fix = fixByCase(root, variables) ?? `add ${root} and its path to config.response.translationMap`
  const message = `${source}: the translation map has no ${root}`
  // "$USD" within a text may be meant as it stands.
  return { message, fix, ...(form === 'plain' && insideQuotes && { severity: 'note' as const }) }
}

/** In a request: `$filter` and the like are text of many services, and mean what they say. */
function unknownName(
  { root, source, form }: PlacedReference,
  role: TemplateMember['role'],
  { inputs, variables }: Known,
): Seen {
  if (form === 'plain') return undefined
  if (inputs.names.has(root))
    return { message: `${source} is not the input ${root}`, fix: `write \${input.${root}}` }
  const isAnswer = variables.names.has(root)
  if (isAnswer) {
    const message = `${source} is known only once there is an answer, and this is the ${role} of the request`
    return { message, fix: 'refer to inputs, credentials and authResponse here' }
  }
  return { message: `nothing is named ${root}`, fix: `write \${input.${root}}, and add it to the contract` }
}

function fixByCase(name: string, known: Names): string | undefined {
  const meant = known.byLowerCase.get(name.toLowerCase())
  return meant === undefined ? undefined : `write ${meant}: names differ by their case`
}

/** What prints nothing, or is looked at before it prints, breaks no call: it is only never there. */
function mildlyWhereUnseen({ form, isTested, guardedBy, root, path }: PlacedReference): Partial<Observation> {
  const isGuarded = guardedBy.includes([root, ...path].join('.'))
  return form === 'quiet' || isTested || isGuarded ? { severity: 'warning' } : {}
}
