import type { LintSubject, Observation, Rule } from '../rule.ts'
import { bodyKind } from '../templates.ts'
import type { PlacedReference, TemplateMember } from '../templates.ts'

export const unescapedUrlInput: Rule = {
  id: 'unescaped-url-input',
  severity: 'warning',
  title: 'A text that goes into the URL as it is',
  why: 'A space, &, # or / in the text makes it another URL, and the + of a telephone number arrives as a space.',
  check: (subject) =>
    subject.templates
      .filter(({ role }) => role === 'url' || (role === 'body' && bodyKind(subject.action) === 'form'))
      .flatMap((template) =>
        textsOf(subject, template, NOT_FOR_URLS)
          .filter(({ at }) => template.role === 'body' || at >= startOfPath(template))
          .flatMap((reference) => observed(template, reference, urlWords(template, reference))),
      ),
}

export const unescapedJsonInput: Rule = {
  id: 'unescaped-json-input',
  severity: 'warning',
  title: 'A text that goes into the JSON body as it is',
  why: 'A quote, a backslash or a line break in the text ends the JSON text it stands in: the request is refused, or says something else.',
  check: (subject) =>
    subject.templates
      .filter(({ role }) => role === 'body' && bodyKind(subject.action) === 'json')
      .flatMap((template) =>
        textsOf(subject, template, [])
          .filter(({ insideQuotes }) => insideQuotes)
          .flatMap((reference) => observed(template, reference, jsonWords(reference))),
      ),
}

/** Methods that leave what is in a text in it. */
const CHANGE_NOTHING = ['trim', 'toString', 'toLowerCase', 'toUpperCase', 'substring', 'concat', 'strip']
const NOT_FOR_URLS = ['esc.jsonEncode', 'esc.jsonString', 'jsonEncode', 'jsonString']

/** The first use of each input that may be any text, where nothing escapes it. A tool that is not known may. */
function textsOf(
  { inputs }: LintSubject,
  { inputUses }: TemplateMember,
  escapesOtherwise: readonly string[],
): readonly PlacedReference[] {
  const texts = inputs.filter(({ isText }) => isText)
  const leaves = [...CHANGE_NOTHING, ...escapesOtherwise]
  const isBare = ({ through }: PlacedReference): boolean =>
    through.every((step) => leaves.includes(step) || leaves.includes(step.split('.').at(-1) ?? ''))
  return texts.flatMap(({ name }) => {
    const uses = inputUses.get(name) ?? []
    return uses.filter((use) => !use.isTested && isBare(use)).slice(0, 1)
  })
}

type Words = Pick<Observation, 'message' | 'fix'>

function observed(
  { path }: TemplateMember,
  { at, path: [name = ''] }: PlacedReference,
  words: Words,
): readonly Observation[] {
  if (!isIdLike(name)) return [{ path, at, ...words }]
  return [
    {
      path,
      at,
      ...words,
      severity: 'note',
      message: `${words.message} (harmless while it is an id)`,
    },
  ]
}

/** Ids hold letters, digits and hyphens: they have nothing to escape as long as they are ids. */
function isIdLike(name: string): boolean {
  return (
    /(?:[a-z0-9_-]I[dD]|^id|_id|-id|_ID|[gG]uid|GUID|[uU]uid|UUID)$/.test(name) || /^[A-Z_]*ID$/.test(name)
  )
}

function urlWords({ role, text }: TemplateMember, { at, path: [name = ''], source }: PlacedReference): Words {
  const isPath = role === 'url' && !text.slice(0, at).includes('?')
  const tool = isPath ? 'uriEncode' : 'url'
  const where = role === 'url' ? 'the URL' : 'the form'
  return {
    message: `the input ${name} goes into ${where} unescaped`,
    fix: `write $esc.${tool}(${formal(source)})`,
  }
}

function jsonWords({ path: [name = ''], source }: PlacedReference): Words {
  return {
    message: `the input ${name} goes into the JSON body unescaped`,
    fix: `write $esc.jsonEncode(${formal(source)}), in the same quotes`,
  }
}

/** As an argument: of an optional input, the quiet form in quotes is an empty text. */
function formal(source: string): string {
  return source.startsWith('$!') ? `"${source}"` : source
}

/** Where a URL's path begins: the scheme and the host are chosen, not escaped. A URL may begin with an input, too. */
function startOfPath({ text }: TemplateMember): number {
  const [origin = ''] = /^\s*(?:[a-z]+:\/\/[^/?#]*|\$!?\{[^}]*\}|\$!?[\w.]+)?/i.exec(text) ?? []
  return origin.length
}
