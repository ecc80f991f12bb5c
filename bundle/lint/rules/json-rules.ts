import { memberOf } from '../../definition/json-value.ts'
import { propertiesOf } from '../inputs.ts'
import { ANY_HOLE, jsonFault, VALUE_HOLE } from '../json-fault.ts'
import { jsonSkeleton } from '../json-skeleton.ts'
import type { LintSubject, Observation, Rule } from '../rule.ts'
import { bodyKind } from '../templates.ts'
import type { PlacedReference, TemplateMember } from '../templates.ts'

export const bodyNotJson: Rule = {
  id: 'body-not-json',
  severity: 'error',
  title: 'A JSON body that is no JSON',
  why: 'Whatever the inputs are, a bracket, a comma or a quote is missing or too many: the service refuses every call.',
  check: (subject) =>
    bodyKind(subject.action) === 'json'
      ? subject.templates
          .filter(({ role, text }) => role === 'body' && text.trim() !== '')
          .flatMap((template) => faultIn(template, inputRendersValue(subject), 'the request body'))
      : [],
}

export const successNotJson: Rule = {
  id: 'success-not-json',
  severity: 'error',
  title: 'A success template that renders no JSON',
  why: 'Whatever the answer is, the result is no JSON, and the action fails after the service has done its work.',
  check: (subject) =>
    subject.templates
      .filter(({ role }) => role === 'success')
      .flatMap((template) => faultIn(template, resultRendersValue(subject), 'the result')),
}

export const outputNotProduced: Rule = {
  id: 'output-not-produced',
  severity: 'warning',
  title: 'An output that the success template does not produce',
  why: 'The contract promises it to flow authors, and it is never there. One that is required makes every call fail.',
  check: (subject) => {
    const { successSchema } = subject.action.contract.output
    const template = subject.templates.find(({ role }) => role === 'success')
    const produced = template && producedNames(template, subject)
    if (!produced || memberOf(successSchema, 'type') !== 'object') return []
    const required = memberOf(successSchema, 'required')
    const isRequired = (name: string): boolean => Array.isArray(required) && required.includes(name)
    return propertiesOf(successSchema)
      .filter(([name]) => !produced.includes(name) && !produced.includes(name.split('.')[0] ?? ''))
      .map(([name]) => ({
        path: `contract.output.successSchema.properties.${name}`,
        message: `the success template does not produce ${name}`,
        fix: 'add it to the template, or take it out of the contract',
        ...(isRequired(name) && { severity: 'error' as const }),
      }))
  },
}

type RendersValue = (reference: PlacedReference) => boolean

function faultIn(template: TemplateMember, rendersValue: RendersValue, what: string): readonly Observation[] {
  const skeleton = jsonSkeleton(template, rendersValue)
  const fault = skeleton && jsonFault(skeleton.text)
  if (!fault) return []
  const isEnd = fault.at >= skeleton.text.length
  const where = { path: template.path, at: skeleton.offsetOf(fault.at) }
  if (fault.isTrailing) {
    const message = `${what} goes on after its JSON has ended: some services ignore that, others refuse it`
    return [{ ...where, message, fix: 'take out what follows', severity: 'warning' }]
  }
  const message = isEnd ? `${what} ends before its JSON does` : `${what} is no JSON from here on`
  return [{ ...where, message, fix: 'look for a comma, a quote or a bracket that is missing or too many' }]
}

/** A number or boolean that is always given; what a text holds, nobody knows. */
function inputRendersValue({ inputs }: LintSubject): RendersValue {
  const values = inputs.filter(({ isRequired, isNumberOrFlag }) => isRequired && isNumberOrFlag)
  return ({ root, path, calls }) =>
    root === 'input' && calls.length === 0 && values.some(({ name }) => name === path[0])
}

const VALUE_TOOLS = ['firstFromArray', 'moveKeysIntoArrayOfObjects']

function resultRendersValue({ action }: LintSubject): RendersValue {
  const { translationMap } = action.config.response
  return ({ root, path, calls }) => {
    if (root === 'successTemplateUtils') return calls.every((call) => VALUE_TOOLS.includes(call))
    const isVariable = root === 'rawResult' || Object.hasOwn(translationMap, root)
    return isVariable && path.length === 0 && calls.length === 0
  }
}

/** The members of the result, when the template alone tells them. */
function producedNames(template: TemplateMember, subject: LintSubject): readonly string[] | undefined {
  const skeleton = jsonSkeleton(template, resultRendersValue(subject))
  if (!skeleton || jsonFault(skeleton.text)) return undefined
  // In quotes, a hole is some text; elsewhere, some value.
  const text = skeleton.text.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) =>
    quoted.replaceAll(ANY_HOLE, VALUE_HOLE),
  )
  if (text.includes(ANY_HOLE)) return undefined
  try {
    const value: unknown = JSON.parse(
      text.replace(/"(?:[^"\\]|\\.)*"|\ue000/g, (token) => (token === VALUE_HOLE ? '0' : token)),
    )
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.keys(value)
      : undefined
  } catch {
    return undefined
  }
}
