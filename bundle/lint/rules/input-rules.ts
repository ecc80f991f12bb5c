import { INPUTS_PATH } from '../inputs.ts'
import type { DeclaredInput } from '../inputs.ts'
import type { Observation, Rule } from '../rule.ts'
import { bodyKind } from '../templates.ts'
import type { PlacedReference, TemplateMember } from '../templates.ts'

export const optionalInputUnguarded: Rule = {
  id: 'optional-input-unguarded',
  severity: 'warning',
  title: 'An optional input, and nothing that stands in for it',
  why: 'Where an input is not given, ${input.NAME} prints itself: the service gets that text. $!{input.NAME} prints nothing, which is no JSON value either.',
  check: ({ action, templates, inputs }) => {
    const optional = inputs.filter(({ isRequired, hasDefault }) => !isRequired && !hasDefault)
    const isJson = bodyKind(action) === 'json'
    return templates
      .filter(({ role }) => role !== 'success')
      .flatMap((template) =>
        optional.flatMap((input) => firstOf(unguarded(template, input, isJson && template.role === 'body'))),
      )
  },
}

/** Where an input is used without a word on what holds when it is not given. */
function unguarded(
  template: TemplateMember,
  { name }: DeclaredInput,
  isJson: boolean,
): readonly Observation[] {
  const { path, inputUses } = template
  const message = `the input ${name} is optional, and`
  const uses = inputUses.get(name) ?? []
  return uses
    .filter((reference) => !reference.isTested && !isGuarded(reference))
    .flatMap((reference): readonly Observation[] => {
      const { at, source, insideQuotes } = reference
      const printer = reference.printer ?? reference
      const fix = `list it in required${otherFix(reference, template, isJson)}`
      if (printsItself(reference, printer))
        return [{ path, at, message: `${message} a call without it sends the text ${printer.source}`, fix }]
      const leavesGap = isJson && !insideQuotes && printer === reference && !hasAlternate(reference)
      if (!leavesGap) return []
      return [
        { path, at, message: `${message} without it ${source} leaves nothing where JSON has a value`, fix },
      ]
    })
}

/** What else mends it, where the place lets something be left out. */
function otherFix(reference: PlacedReference, { role, text }: TemplateMember, isJson: boolean): string {
  const { root, path, at, insideQuotes } = reference
  const quiet = `$!{${[root, ...path].join('.')}}`
  if (role === 'url' && !text.slice(0, at).includes('?')) return ''
  if (role === 'url') return ', or use $urlTool.optionalQueryParam'
  if (reference.printer) return `, or pass it as "${quiet}"`
  if (isJson && !insideQuotes) return `, or put it between #if("${quiet}" != "") and #end`
  return `, or write ${quiet}`
}

/** Tools whose answer to no value is right: an empty text. */
const TAKES_NOTHING = ['urlTool.optionalQueryParam']

/** Of an argument, the call prints itself when the argument is no value; of a text around it, the text holds its name. */
function printsItself(reference: PlacedReference, printer: PlacedReference): boolean {
  if (reference.through.some((tool) => TAKES_NOTHING.includes(tool))) return false
  if (reference.form === 'quiet' || hasAlternate(reference)) return false
  const before = printer.source.slice(0, reference.at - printer.at)
  const isInText = (before.match(/"/g) ?? []).length % 2 === 1
  return printer.form !== 'quiet' || (printer !== reference && isInText)
}

/** `${input.x|'other'}`. */
function hasAlternate({ source, form }: PlacedReference): boolean {
  return form !== 'plain' && source.includes('|')
}

function isGuarded({ root, path, guardedBy }: PlacedReference): boolean {
  const name = `${root}.${path[0] ?? ''}`
  return guardedBy.some((guard) => guard === name || guard.startsWith(`${name}.`))
}

/** One of a template is enough to tell: the others are mended with it. */
function firstOf(observations: readonly Observation[]): readonly Observation[] {
  const [first] = observations
  const more = observations.length - 1
  if (!first || more === 0) return first ? [first] : []
  return [{ ...first, message: `${first.message} (and ${more} more of it here)` }]
}

export const unusedInput: Rule = {
  id: 'unused-input',
  severity: 'warning',
  title: 'An input that nothing uses',
  why: 'A flow author fills it in and nothing comes of it. Mostly its name is spelt differently in a template.',
  check: ({ templates, inputs }) => {
    if (templates.some(({ fault }) => fault)) return []
    const references = templates.flatMap((template) => template.references)
    const used = new Set(
      references.filter(({ root, isLocal }) => root === 'input' && !isLocal).map(({ path }) => path[0]),
    )
    if (used.has(undefined) || used.has('rawRequest')) return []
    return inputs
      .filter(({ name }) => !used.has(name))
      .map(({ name }) => ({
        path: `${INPUTS_PATH}.${name}`,
        message: `no template uses the input ${name}`,
        fix: `write \${input.${name}} where it belongs, or take it out of the contract`,
      }))
  },
}
