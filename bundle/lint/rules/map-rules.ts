import { BundleError } from '../../bundle-error.ts'
import { parsePath } from '../../mapping/parse-path.ts'
import type { Observation, Rule } from '../rule.ts'

const MAP = 'config.response.translationMap'
const DEFAULTS = 'config.response.translationMapDefaults'

export const pathSyntax: Rule = {
  id: 'path-syntax',
  severity: 'error',
  title: 'A path that JSONPath refuses',
  why: 'A path of the translation map that cannot be read finds nothing in any answer, and the action fails.',
  check: ({ action }) =>
    Object.entries(action.config.response.translationMap).flatMap(([name, text]): readonly Observation[] => {
      const fault = pathFault(text)
      if (!fault) return []
      const at = fault.place?.line === 1 ? fault.place.column - 1 : 0
      return [{ path: `${MAP}.${name}`, at, message: fault.message, fix: 'mend the path' }]
    }),
}

function pathFault(text: string): BundleError | undefined {
  try {
    parsePath(text)
    return undefined
  } catch (error) {
    if (error instanceof BundleError) return error
    throw error
  }
}

export const defaultNotJson: Rule = {
  id: 'default-not-json',
  severity: 'error',
  title: 'A default that is no JSON text',
  why: 'A default is put into the success template as it is. Once its path leads nowhere, the result is no JSON: a text needs its own quotes, "\\"\\"".',
  check: ({ action, templates }) =>
    Object.entries(action.config.response.translationMapDefaults)
      .filter(([name, text]) => !isJson(text) && standsForItself(name, templates))
      .map(([name, text]) => ({
        path: `${DEFAULTS}.${name}`,
        message: `the default of ${name} is ${text.trim() === '' ? 'empty' : 'no JSON text'}, and stands in the result where a value has to`,
        fix: jsonFix(text),
      })),
}

/** What is a list or a text in the answer, only its author knows. */
function jsonFix(text: string): string {
  if (text.trim() === '') return 'write "[]" for a list, "\\"\\"" for a text, or "null"'
  return `write it as JSON: ${JSON.stringify(JSON.stringify(text.slice(0, 40)))}`
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** In quotes, or as an argument of a tool, other texts may do. */
function standsForItself(name: string, templates: Parameters<Rule['check']>[0]['templates']): boolean {
  return templates.some(
    ({ role, references }) =>
      role === 'success' &&
      references.some(
        ({ root, isLocal, isTested, insideQuotes, through }) =>
          root === name && !isLocal && !isTested && !insideQuotes && through.length === 0,
      ),
  )
}

export const quotedTranslationVariable: Rule = {
  id: 'quoted-translation-variable',
  severity: 'warning',
  title: 'Quotes around a translation variable',
  why: 'A translation variable renders as JSON text: a string brings its own quotes. In quotes, "${name}" becomes ""value"", which is no JSON.',
  check: ({ action, templates }) => {
    const { translationMap, translationMapDefaults } = action.config.response
    return templates
      .filter(({ role }) => role === 'success')
      .flatMap(({ path, references }) =>
        references
          .filter(
            ({ root, isLocal, isTested, insideQuotes, through }) =>
              Object.hasOwn(translationMap, root) &&
              !isLocal &&
              !isTested &&
              insideQuotes &&
              through.length === 0,
          )
          .map(({ root, at, source }) => ({
            path,
            at,
            message: `${source} stands in quotes, and a text brings its own`,
            fix: `take the quotes away: ${source}`,
            // Its default is a text, so it is one: that it works for numbers is no comfort.
            ...(isTextDefault(translationMapDefaults[root]) && { severity: 'error' as const }),
          })),
      )
  },
}

function isTextDefault(text: string | undefined): boolean {
  return text !== undefined && /^\s*"/.test(text) && isJson(text)
}

export const unusedTranslation: Rule = {
  id: 'unused-translation',
  severity: 'warning',
  title: 'A translation variable that the success template does not use',
  why: 'What is found in the answer goes nowhere: the result lacks it, and no error tells.',
  check: ({ action, templates }) => {
    const success = templates.find(({ role }) => role === 'success')
    if (!success || success.fault) return []
    const used = success.references.map(({ root }) => root)
    return Object.keys(action.config.response.translationMap)
      .filter((name) => !used.includes(name))
      .map((name) => ({
        path: `${MAP}.${name}`,
        message: `the success template does not use ${name}`,
        fix: `write \${${name}} into it, or take the path out`,
      }))
  },
}

export const defaultWithoutPath: Rule = {
  id: 'default-without-path',
  severity: 'warning',
  title: 'A default without a path',
  why: 'A default stands in for a path that leads nowhere. Without a path of its name, nothing asks for it.',
  check: ({ action }) =>
    Object.keys(action.config.response.translationMapDefaults)
      .filter((name) => !Object.hasOwn(action.config.response.translationMap, name))
      .map((name) => ({
        path: `${DEFAULTS}.${name}`,
        message: `the translation map has no path for ${name}`,
        fix: 'add the path, or take the default out',
      })),
}
