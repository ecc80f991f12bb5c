import { BundleError } from '../bundle-error.ts'
import type { TextPlace } from '../bundle-error.ts'
import type { DataAction } from '../definition/data-action.ts'
import { templateReferences } from '../velocity/template-references.ts'
import type { TemplateReference } from '../velocity/template-references.ts'

/** What a template makes. */
export type TemplateRole = 'url' | 'header' | 'body' | 'success'

/** A template of a data action, the member that holds it, and what it refers to. */
export interface TemplateMember {
  readonly role: TemplateRole
  readonly path: string
  readonly text: string
  /** Of a template that Velocity refuses: none. */
  readonly references: readonly PlacedReference[]
  /** Those to inputs, by the name of the input. */
  readonly inputUses: ReadonlyMap<string, readonly PlacedReference[]>
  /** Why Velocity refuses it. */
  readonly fault?: { readonly at: number; readonly message: string }
}

/** A reference, and where in its template it begins: in UTF-16 units. */
export interface PlacedReference extends TemplateReference {
  readonly at: number
  /** The reference that it is an argument of, the outermost one: what prints. Undefined for one that prints itself. */
  readonly printer: PlacedReference | undefined
}

/** The templates that the platform renders, in the order of an export. A GET has no body, whatever its template says. */
export function templatesOf({ config: { request, response } }: DataAction): readonly TemplateMember[] {
  const { requestUrlTemplate: url, headers, requestType, requestTemplate } = request
  return [
    ...(url === undefined ? [] : [readTemplate('url', 'config.request.requestUrlTemplate', url)]),
    ...Object.entries(headers).map(([name, text]) =>
      readTemplate('header', `config.request.headers.${name}`, text),
    ),
    ...(requestType === 'GET'
      ? []
      : [readTemplate('body', 'config.request.requestTemplate', requestTemplate)]),
    readTemplate('success', 'config.response.successTemplate', response.successTemplate),
  ]
}

function readTemplate(role: TemplateRole, path: string, text: string): TemplateMember {
  const offsetOf = offsetsOf(text)
  try {
    const references = placed(templateReferences(text), offsetOf)
    return { role, path, text, references, inputUses: usesByInput(references) }
  } catch (error) {
    if (!(error instanceof BundleError)) throw error
    const at = error.place ? offsetOf(error.place) : 0
    return { role, path, text, references: [], inputUses: new Map(), fault: { at, message: error.message } }
  }
}

/** In the order of the text, what is within another comes after it. */
function placed(
  references: readonly TemplateReference[],
  offsetOf: (place: TextPlace) => number,
): readonly PlacedReference[] {
  let outer: PlacedReference | undefined
  return references.map((reference) => {
    const at = offsetOf(reference.place)
    const isWithin = outer !== undefined && at < outer.at + outer.source.length
    const here: PlacedReference = { ...reference, at, printer: isWithin ? outer : undefined }
    if (!isWithin) outer = here
    return here
  })
}

function usesByInput(
  references: readonly PlacedReference[],
): ReadonlyMap<string, readonly PlacedReference[]> {
  const uses = new Map<string, PlacedReference[]>()
  for (const reference of references) {
    const [name] = reference.path
    if (reference.root !== 'input' || reference.isLocal || name === undefined) continue
    const known = uses.get(name)
    if (known) known.push(reference)
    else uses.set(name, [reference])
  }
  return uses
}

/** Gives the offsets of places in a text. */
function offsetsOf(text: string): (place: TextPlace) => number {
  const starts = [0]
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  return ({ line, column }) => (starts[line - 1] ?? 0) + column - 1
}

/** The value of a header, whatever the case of its name. */
export function headerOf({ config }: DataAction, name: string): string | undefined {
  const headers = Object.entries(config.request.headers)
  return headers.find(([known]) => known.trim().toLowerCase() === name.toLowerCase())?.[1]
}

/** What the body of a request is, as far as its headers and its first character tell. */
export function bodyKind(action: DataAction): 'json' | 'form' | 'other' {
  const type = headerOf(action, 'Content-Type')?.toLowerCase()
  if (type?.includes('x-www-form-urlencoded')) return 'form'
  if (type?.includes('json')) return 'json'
  const looksLikeJson = /^\s*[{[]/.test(action.config.request.requestTemplate)
  return looksLikeJson && (type === undefined || type.includes('$')) ? 'json' : 'other'
}
