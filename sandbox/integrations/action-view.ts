import { isRecord } from '../fields.ts'
import { ACTIONS } from './integration-state.ts'
import type {
  ActionConfig,
  ActionContent,
  ActionContract,
  JsonSchema,
  StoredAction,
} from './integration-state.ts'

export interface ActionDetail {
  /** Schemas stand in the contract, not only where to read them. */
  readonly contract: boolean
  readonly config: boolean
  /** Schemas as Architect sees them. */
  readonly flatten: boolean
}

export const WHOLE: ActionDetail = { contract: true, config: true, flatten: false }

/** `Action` of the platform API. `path`: of the action or of its draft. */
export function actionView(action: StoredAction, content: ActionContent, path: string, detail: ActionDetail) {
  const { name, category, version, secure } = content
  return {
    id: action.id,
    name,
    integrationId: action.integrationId,
    category,
    contract: contractView(content.contract, path, detail),
    version,
    secure,
    ...(detail.config ? { config: configView(content.config, path) } : {}),
    selfUri: path,
  }
}

/** What a listing shows of an action. */
export function actionSummary(action: StoredAction, content: ActionContent) {
  const { name, category, version, secure } = content
  const { id, integrationId } = action
  return { id, name, integrationId, category, version, secure, selfUri: `${ACTIONS}/${id}` }
}

function configView({ request, response, ...rest }: ActionConfig, path: string) {
  const { requestUrlTemplate, requestType, headers } = request
  const { translationMap, translationMapDefaults } = response
  return {
    ...rest,
    request: {
      requestUrlTemplate,
      requestTemplateUri: `${path}/templates/requesttemplate.vm`,
      requestType,
      headers,
    },
    response: {
      translationMap,
      translationMapDefaults,
      successTemplateUri: `${path}/templates/successtemplate.vm`,
    },
  }
}

function contractView({ inputSchema, successSchema }: ActionContract, path: string, detail: ActionDetail) {
  const input = detail.flatten ? { inputSchemaFlattened: flattenSchema(inputSchema) } : { inputSchema }
  const output = detail.flatten ? { successSchemaFlattened: flattenSchema(successSchema) } : { successSchema }
  return {
    output: { successSchemaUri: `${path}/schemas/successschema.json`, ...(detail.contract ? output : {}) },
    input: { inputSchemaUri: `${path}/schemas/inputschema.json`, ...(detail.contract ? input : {}) },
  }
}

/** Nested names joined with a dot; what lies in an array becomes an array of its own. */
export function flattenSchema(schema: JsonSchema): JsonSchema {
  const properties = Object.fromEntries(flatProperties(schema, '', false))
  return { type: 'object', properties, additionalProperties: true }
}

function flatProperties(
  schema: unknown,
  name: string,
  inArray: boolean,
): readonly (readonly [string, unknown])[] {
  if (!isRecord(schema)) return []
  const { type, items, properties } = schema
  if (type === 'array' && isRecord(items)) return flatProperties(items, name, true)
  if (isRecord(properties)) {
    return Object.entries(properties).flatMap(([member, one]) =>
      flatProperties(one, name === '' ? member : `${name}.${member}`, inArray),
    )
  }
  if (name === '') return []
  return [[name, inArray ? { type: 'array', items: schema } : schema]]
}
