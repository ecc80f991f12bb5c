import { inputFields } from '../../actions/contract/input-fields.ts'
import type { InputField } from '../../actions/contract/input-fields.ts'
import type { JsonMembers, JsonValue } from '../definition/data-action.ts'
import type { ActionSource } from './action-source.ts'
import { typeSchema, wordsOf } from './contract-schemas.ts'

export interface OpenApiOptions {
  readonly version: string
  /** Where the receiver answers. */
  readonly baseUrl: string
}

const ERRORS = {
  '400': 'The body is not one JSON object',
  '401': 'No token, or one that is not accepted: fetch a new one',
  '403': 'The token has not the scope',
  '413': 'The body is too large, or a batch has more than 1,000 items',
  '415': 'The body is not JSON in UTF-8, or is compressed',
  '503': 'The ledger takes no entries now: nothing was stored, try again',
} as const

/** The data actions as an OpenAPI 3.1 document, with every limit that their inputs have. */
export function openApi(sources: readonly ActionSource[], { version, baseUrl }: OpenApiOptions): JsonMembers {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Filter Ledger data actions',
      version,
      description:
        'What an Architect flow asks of Filter Ledger. A refusal of business is a 200 with `status`, `errorCode` and `message`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: baseUrl }],
    paths: {
      ...Object.fromEntries(sources.map((source) => [source.path, { post: operation(source) }])),
      '/oauth/token': { post: TOKEN_OPERATION },
    },
    components: {
      securitySchemes: securitySchemes(sources),
      schemas: { Problem: PROBLEM },
      responses: RESPONSES,
    },
  }
}

function operation({ name, title, description, scope, contract }: ActionSource): JsonMembers {
  const fields = inputFields(contract.input)
  const statuses = Object.entries(contract.statuses).map(([status, words]) => `- \`${status}\`: ${words}`)
  return {
    operationId: name,
    summary: title,
    description: `${description}\n\n${statuses.join('\n')}${contract.takesMany ? BATCH_WORDS : ''}`,
    tags: ['data actions'],
    security: [{ bearer: [] }, { apiKey: [] }, { clientCredentials: [scope] }],
    parameters: CALLER_HEADERS,
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: fields.filter(({ required }) => required).map((field) => field.name),
            properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])),
            additionalProperties: false,
          },
        },
        ...(contract.takesMany && { 'application/x-ndjson': { schema: BATCH_LINES } }),
      },
    },
    responses: {
      '200': {
        description: 'The answer, also where it is a refusal of business',
        content: { 'application/json': { schema: answerSchema(contract.output) } },
      },
      ...Object.fromEntries(
        Object.keys(ERRORS).map((status) => [status, { $ref: `#/components/responses/${status}` }]),
      ),
    },
  }
}

/** Said in words: a choice of schemas would be one for every program that is made from this document. */
const BATCH_WORDS =
  '\n\nUp to 1,000 inputs are taken at a time, too, in at most 1 MiB: as a JSON array, or one a line as `application/x-ndjson`. Each then needs a `requestId`. The answer has `status` (recorded, partial or rejected), the counts `recorded`, `duplicates`, `rejected` and `failed`, and in `results`, in their order, what became of each.'

const BATCH_LINES: JsonMembers = {
  type: 'string',
  description: 'One input a line, as in application/json, each with a requestId.',
}

/** An unset optional input may come as null or as an empty text: it is taken for missing. */
function fieldSchema(field: InputField): JsonMembers {
  const { type, required, description, example, enum: values } = field
  const { minimum, maximum, minLength, maxLength, pattern } = field
  const rule = defined({ type, enum: values, minimum, maximum, minLength, maxLength, pattern })
  const words = {
    description: wordsOf({ description }),
    ...(example !== undefined && { examples: [example] }),
  }
  if (required) return { ...rule, ...words }
  return { anyOf: [rule, { type: 'null' }, { const: '' }, { const: 'NOT_SET' }], ...words }
}

function defined(members: Readonly<Record<string, JsonValue | undefined>>): JsonMembers {
  return Object.fromEntries(
    Object.entries(members).filter((member): member is [string, JsonValue] => member[1] !== undefined),
  )
}

function answerSchema(output: ActionSource['contract']['output']): JsonMembers {
  return {
    type: 'object',
    required: Object.keys(output),
    properties: Object.fromEntries(
      Object.entries(output).map(([name, [type, description]]) => [
        name,
        { ...typeSchema(type), description },
      ]),
    ),
  }
}

const CALLER_HEADERS = ['inin-correlation-id', 'inin-organization-id'].map((name) => ({
  name,
  in: 'header',
  required: false,
  schema: { type: 'string', pattern: '^[A-Za-z0-9-]{1,64}$' },
  description: 'Set by Genesys Cloud; goes to the log and the entry.',
}))

function securitySchemes(sources: readonly ActionSource[]): JsonMembers {
  return {
    bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    clientCredentials: {
      type: 'oauth2',
      flows: {
        clientCredentials: {
          tokenUrl: '/oauth/token',
          scopes: Object.fromEntries(sources.map(({ scope, description }) => [scope, description])),
        },
      },
    },
  }
}

/** RFC 9457, with the members of Genesys' ErrorBody. */
const PROBLEM: JsonMembers = {
  type: 'object',
  required: [
    'type',
    'title',
    'status',
    'detail',
    'instance',
    'message',
    'code',
    'contextId',
    'details',
    'errors',
  ],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    message: { type: 'string' },
    code: { type: 'string' },
    contextId: { type: 'string' },
    details: { type: 'array' },
    errors: { type: 'array' },
  },
}

const RESPONSES: JsonMembers = Object.fromEntries(
  Object.entries(ERRORS).map(([status, description]) => [
    status,
    {
      description,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ]),
)

const TOKEN_OPERATION: JsonMembers = {
  operationId: 'oauth-token',
  summary: 'Fetch an access token',
  description: 'RFC 6749, section 4.4: client id and secret by HTTP Basic, or in the form.',
  tags: ['authentication'],
  security: [],
  requestBody: {
    required: true,
    content: {
      'application/x-www-form-urlencoded': {
        schema: {
          type: 'object',
          required: ['grant_type'],
          properties: {
            grant_type: { const: 'client_credentials' },
            scope: { type: 'string' },
            client_id: { type: 'string' },
            client_secret: { type: 'string' },
          },
        },
      },
    },
  },
  responses: {
    '200': {
      description: 'A short-lived token',
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: ['access_token', 'token_type', 'expires_in', 'scope'],
            properties: {
              access_token: { type: 'string' },
              token_type: { const: 'bearer' },
              expires_in: { type: 'integer' },
              scope: { type: 'string' },
            },
          },
        },
      },
    },
    '400': { description: 'RFC 6749, section 5.2' },
    '401': { description: 'The client is not accepted' },
    '429': { description: 'Too many wrong secrets: see Retry-After' },
    '503': { description: 'Try again: see Retry-After' },
  },
}
