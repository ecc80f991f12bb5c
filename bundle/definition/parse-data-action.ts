import type { DataAction, JsonMembers, RequestType } from './data-action.ts'
import { isMembers, memberOf } from './json-value.ts'
import { memberReader } from './member-reader.ts'
import type { DefinitionProblem, MemberReader } from './member-reader.ts'

/**
 * A data action that was read.
 *
 * `export`: as the user interface exports it. `api`: the body of a request to make one, which names an integration by
 * `integrationId` and `category`; the type of that integration stands nowhere in it, and `integrationType` is empty.
 */
export interface ParsedDataAction {
  readonly ok: true
  readonly action: DataAction
  readonly form: 'export' | 'api'
  /** The members that the value leaves out and that were filled in, by their paths: `config.request.headers`. */
  readonly filledIn: readonly string[]
  /** How long the platform waits for an answer, in seconds. In no export, sometimes in an API body. */
  readonly timeoutSeconds?: number
}

export type DataActionParse =
  ParsedDataAction | { readonly ok: false; readonly problems: readonly DefinitionProblem[] }

const REQUEST_TYPES: readonly RequestType[] = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE']
const ACTION_TYPES: readonly DataAction['actionType'][] = ['custom', 'customAuth', 'static']

/** The whole input as JSON: what the user interface puts into each new action. */
const WHOLE_INPUT = '${input.rawRequest}'
const WHOLE_ANSWER = '${rawResult}'

/**
 * Reads a data action from a parsed JSON value, an export or an API body. What real files leave out is filled in as the
 * platform has it, and members that are not known are left alone; of what is of a wrong type, each is a problem.
 * Never throws.
 */
export function parseDataAction(value: unknown): DataActionParse {
  if (!isDataAction(value)) return { ok: false, problems: [{ path: '', message: whyNoDataAction(value) }] }
  const reader = memberReader(value)
  const form = isApiBody(value) ? 'api' : 'export'
  const action: DataAction = {
    name: reader.text('name'),
    integrationType: reader.text('integrationType', ''),
    actionType: reader.oneOf('actionType', ACTION_TYPES, 'custom'),
    config: { request: readRequest(reader, value), response: readResponse(reader) },
    contract: {
      input: { inputSchema: reader.members('contract.input.inputSchema') },
      output: { successSchema: reader.members('contract.output.successSchema') },
    },
    secure: reader.flag('secure', false),
  }
  const timeoutSeconds = reader.optionalNumber('config.timeoutSeconds')
  const { problems, filledIn } = reader
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, action, form, filledIn, ...(timeoutSeconds !== undefined && { timeoutSeconds }) }
}

/** Whether a JSON value means to be a data action: it may still be one that is wrong. */
export function isDataAction(value: unknown): value is JsonMembers {
  return isMembers(value) && (Object.hasOwn(value, 'config') || Object.hasOwn(value, 'contract'))
}

function whyNoDataAction(value: unknown): string {
  const what = isMembers(value) ? 'an object without config and contract' : 'no object'
  return `${what} is no data action: export one from Genesys Cloud (Admin > Integrations > Actions), or name another file`
}

function isApiBody(value: JsonMembers): boolean {
  const has = (name: string): boolean => (memberOf(value, name) ?? null) !== null
  return !has('integrationType') && (has('integrationId') || has('category'))
}

function readRequest(reader: MemberReader, value: JsonMembers): DataAction['config']['request'] {
  const path = 'config.request'
  // The service of functions sets it; whoever else has none calls nothing.
  const url = hasNoUrl(value)
    ? reader.optionalText(`${path}.requestUrlTemplate`)
    : reader.text(`${path}.requestUrlTemplate`)
  return {
    ...(url !== undefined && { requestUrlTemplate: url }),
    requestType: reader.oneOf(`${path}.requestType`, REQUEST_TYPES),
    headers: reader.texts(`${path}.headers`),
    requestTemplate: reader.text(`${path}.requestTemplate`, WHOLE_INPUT),
  }
}

/** In an API body, nothing tells the type of the integration. */
function hasNoUrl(value: JsonMembers): boolean {
  return value['integrationType'] === 'function-data-actions' || isApiBody(value)
}

function readResponse(reader: MemberReader): DataAction['config']['response'] {
  const path = 'config.response'
  return {
    translationMap: reader.texts(`${path}.translationMap`),
    translationMapDefaults: reader.texts(`${path}.translationMapDefaults`),
    successTemplate: reader.text(`${path}.successTemplate`, WHOLE_ANSWER),
  }
}
