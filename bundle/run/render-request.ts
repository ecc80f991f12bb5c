import { BundleError } from '../bundle-error.ts'
import type { JsonMembers, RequestConfig } from '../definition/data-action.ts'
import { genesysTools } from '../velocity/macros/genesys-tools.ts'
import { renderTemplate } from '../velocity/render-template.ts'
import type { RenderedRequest } from './run-report.ts'

/** What the templates of a request may refer to. */
export interface RequestContext {
  readonly input: JsonMembers
  readonly credentials: Readonly<Record<string, string>>
  /** What the auth action answered; undefined where there is none. */
  readonly authResponse: JsonMembers | undefined
  /** What a URL without a host is relative to, such as `https://api.mypurecloud.com`. */
  readonly apiUrl: string | undefined
}

/** The methods that send a body. What the UI puts into the request template of a GET is not sent. */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/** A header's value, RFC 9110 §5.5: visible characters, spaces and tabs within. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Renders URL, headers and body as the platform does.
 *
 * Throws a {@link BundleError}: `template-invalid`, or `request-invalid` for what renders to no request.
 */
export function renderRequest(config: RequestConfig, context: RequestContext): RenderedRequest {
  const values = {
    ...genesysTools,
    input: { ...context.input, rawRequest: JSON.stringify(context.input) },
    credentials: context.credentials,
    ...(context.authResponse && { authResponse: context.authResponse }),
  }
  const render = (name: string, template: string): string =>
    named(name, () => renderTemplate(template, values))
  return {
    method: config.requestType,
    url: absolute(render('requestUrlTemplate', urlTemplateOf(config)), context.apiUrl),
    headers: Object.fromEntries(
      Object.entries(config.headers).map(([name, template]) => [
        name,
        fieldValue(name, render(`headers.${name}`, template)),
      ]),
    ),
    body: WITH_BODY.has(config.requestType) ? render('requestTemplate', config.requestTemplate) : undefined,
  }
}

function urlTemplateOf({ requestUrlTemplate }: RequestConfig): string {
  if (requestUrlTemplate !== undefined) return requestUrlTemplate
  throw new BundleError(
    'request-invalid',
    'a function data action has no URL: its service is Genesys Cloud\u2019s own, and cannot be run here',
  )
}

function absolute(url: string, apiUrl: string | undefined): string {
  const text = url.trim()
  const isRelative = text.startsWith('/')
  if (isRelative && apiUrl === undefined)
    throw new BundleError(
      'request-invalid',
      `the URL is relative to the platform's API: say which one with --api-url, such as https://api.mypurecloud.com (${text.slice(0, 120)})`,
    )
  const whole = isRelative ? `${apiUrl?.replace(/\/+$/, '') ?? ''}${text}` : text
  const parsed = URL.canParse(whole) ? new URL(whole) : undefined
  if (parsed?.protocol === 'https:' || parsed?.protocol === 'http:') return whole
  throw new BundleError('request-invalid', `the URL renders to no http(s) URL: ${whole.slice(0, 120)}`)
}

function fieldValue(name: string, value: string): string {
  if (FIELD_VALUE.test(value)) return value.trim()
  throw new BundleError(
    'request-invalid',
    `the header ${name} renders to something that no header can hold: a line break, a control character, or one beyond Latin-1`,
  )
}

/** Says which template it was. */
export function named<T>(name: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof BundleError)) throw error
    const { code, message, place } = error
    const where = place ? `${name}, line ${place.line}, column ${place.column}` : name
    throw new BundleError(code, `${where}: ${message}`, { cause: error, ...(place && { place }) })
  }
}
