import type { ResourceCall } from '../filters.ts'
import { jsonAnswer } from '../exchange.ts'
import type { SandboxAnswer } from '../exchange.ts'
import { pageOf } from '../paging.ts'
import { INTEGRATIONS } from './integration-state.ts'
import { found } from './read-body.ts'

/** `CredentialSpecification` of the platform API. */
export interface CredentialSpecification {
  readonly required: boolean
  readonly title: string
  readonly credentialTypes: readonly string[]
}

/** The members of the platform API's `IntegrationType` that an installer needs. */
export interface IntegrationType {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly provider: string
  readonly category: string
  readonly credentials: Readonly<Record<string, CredentialSpecification>>
  readonly nonInstallable: boolean
  readonly selfUri: string
}

/** `CredentialType` of the platform API. */
export interface CredentialType {
  readonly id: string
  readonly name: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly displayOrder: readonly string[]
  readonly required: readonly string[]
}

const TYPES: readonly IntegrationType[] = [
  {
    id: 'custom-rest-actions',
    name: 'Web Services Data Actions',
    description: 'Runs requests to web services.',
    provider: 'clouduser',
    category: 'Data Actions',
    // One key for all three types of credentials: that is how the platform has it.
    credentials: {
      basicAuth: {
        required: false,
        title: 'Credentials',
        credentialTypes: ['basicAuth', 'userDefined', 'userDefinedOAuth'],
      },
    },
    nonInstallable: false,
    selfUri: `${INTEGRATIONS}/types/custom-rest-actions`,
  },
  {
    id: 'purecloud-data-actions',
    name: 'Genesys Cloud Data Actions',
    description: 'Runs requests to the platform API.',
    provider: 'clouduser',
    category: 'Data Actions',
    credentials: {
      pureCloudOAuthClient: {
        required: true,
        title: 'Genesys Cloud OAuth Client Credentials',
        credentialTypes: ['pureCloudOAuthClient'],
      },
    },
    nonInstallable: false,
    selfUri: `${INTEGRATIONS}/types/purecloud-data-actions`,
  },
]

const CREDENTIAL_TYPES: readonly CredentialType[] = [
  credentialType('basicAuth', 'Basic Auth', ['userName', 'password']),
  credentialType('userDefined', 'User Defined', []),
  credentialType('userDefinedOAuth', 'User Defined (OAuth)', []),
  credentialType('pureCloudOAuthClient', 'Genesys Cloud OAuth Client', ['clientId', 'clientSecret']),
]

function credentialType(id: string, title: string, fields: readonly string[]): CredentialType {
  const properties = Object.fromEntries(fields.map((name) => [name, { type: 'string', title: name }]))
  return {
    id,
    name: id,
    properties: {
      type: 'object',
      title,
      properties,
      ...(fields.length === 0 ? { additionalProperties: { type: 'string' } } : {}),
    },
    displayOrder: fields,
    required: fields,
  }
}

export function findType(id: string): IntegrationType | undefined {
  return TYPES.find((type) => type.id === id)
}

export function findCredentialType(id: string): CredentialType | undefined {
  return CREDENTIAL_TYPES.find((type) => type.id === id)
}

export function knownTypes(): string {
  return TYPES.map(({ id }) => id).join(', ')
}

export function knownCredentialTypes(): string {
  return CREDENTIAL_TYPES.map(({ id }) => id).join(', ')
}

/** GET of the types of integrations: a page. */
export function listTypes({ request }: ResourceCall): SandboxAnswer {
  return jsonAnswer(200, pageOf(TYPES, request))
}

/** GET of one type. @throws SandboxError `not.found` */
export function readType({ id }: ResourceCall): SandboxAnswer {
  return jsonAnswer(200, found(findType(id), 'integration type', id))
}

/** GET of the types of credentials: a plain list. */
export function listCredentialTypes(): SandboxAnswer {
  return jsonAnswer(200, CREDENTIAL_TYPES)
}
