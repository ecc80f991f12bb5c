import { emptyAnswer, jsonAnswer } from '../exchange.ts'
import type { SandboxAnswer } from '../exchange.ts'
import { addInvalid, addMissing, isRecord, textField } from '../fields.ts'
import type { Violations } from '../fields.ts'
import type { ResourceCall } from '../filters.ts'
import { pageOf } from '../paging.ts'
import { refuseViolations, SandboxError } from '../sandbox-error.ts'
import { CREDENTIALS } from './integration-state.ts'
import type { IntegrationsContext, StoredCredential } from './integration-state.ts'
import { findCredentialType, knownCredentialTypes } from './integration-types.ts'
import { found, readBody, textsField } from './read-body.ts'

/** `CredentialInfo` of the platform API: no credential field is ever answered. */
export function credentialInfo({ id, name, typeId, createdDate, modifiedDate }: StoredCredential) {
  return {
    id,
    name,
    createdDate,
    modifiedDate,
    type: { id: typeId, name: typeId },
    selfUri: `${CREDENTIALS}/${id}`,
  }
}

/** GET of the collection: a page, in the order of creation. */
export function listCredentials({ state }: IntegrationsContext, { request }: ResourceCall): SandboxAnswer {
  return jsonAnswer(200, pageOf([...state.credentials.values()].map(credentialInfo), request))
}

/** GET of one. @throws SandboxError `not.found` */
export function readCredential({ state }: IntegrationsContext, { id }: ResourceCall): SandboxAnswer {
  return jsonAnswer(200, credentialInfo(found(state.credentials.get(id), 'credential', id)))
}

/** POST. @throws SandboxError for a type that does not exist, or fields that do not fit it */
export function createCredential(
  { state, now, uuid }: IntegrationsContext,
  call: ResourceCall,
): SandboxAnswer {
  const input = parseCredential(readBody(call.request), true)
  const date = now().toISOString()
  const credential = { ...input, id: uuid(), createdDate: date, modifiedDate: date }
  state.credentials.set(credential.id, credential)
  return jsonAnswer(200, credentialInfo(credential))
}

/** PUT: fields that are absent stay as they are. @throws SandboxError as POST does, `not.found` */
export function replaceCredential({ state, now }: IntegrationsContext, call: ResourceCall): SandboxAnswer {
  const previous = found(state.credentials.get(call.id), 'credential', call.id)
  const body = readBody(call.request)
  const input = parseCredential(body, body['credentialFields'] !== undefined)
  if (input.typeId !== previous.typeId) {
    const violations: Violations = []
    addInvalid(violations, 'type', input.typeId, `the type of a credential stays ${previous.typeId}.`)
    refuseViolations(violations)
  }
  const credential = { ...previous, ...input, modifiedDate: now().toISOString() }
  state.credentials.set(call.id, credential)
  return jsonAnswer(200, credentialInfo(credential))
}

/** DELETE. @throws SandboxError `not.found`, `general.conflict` while an integration uses it */
export function removeCredential({ state }: IntegrationsContext, { id }: ResourceCall): SandboxAnswer {
  const { name } = found(state.credentials.get(id), 'credential', id)
  const user = [...state.integrations.values()].find(({ config }) =>
    [...config.credentials.values()].includes(id),
  )
  if (user !== undefined) {
    throw new SandboxError('general.conflict', `The integration ${user.id} uses the credential [${name}].`, {
      details: [{ errorCode: 'general.conflict', entityId: user.id, entityName: user.name }],
    })
  }
  state.credentials.delete(id)
  return emptyAnswer()
}

function parseCredential(body: Readonly<Record<string, unknown>>, withFields: boolean) {
  const violations: Violations = []
  const typeId = typeOf(violations, body['type'])
  const fields = textsField(violations, 'credentialFields', body['credentialFields'])
  for (const name of withFields ? (findCredentialType(typeId)?.required ?? []) : []) {
    if (!Object.hasOwn(fields, name)) addMissing(violations, `credentialFields.${name}`)
  }
  const name = textField(violations, 'name', body['name'] ?? (typeId === '' ? 'Credential' : typeId), {
    min: 1,
    max: 256,
  })
  // A violation of a field quotes what was sent, and that may be a secret.
  refuseViolations(violations.map(withoutSecret))
  return { name, typeId }
}

function withoutSecret(violation: Violations[number]): Violations[number] {
  if (!violation.fieldName.startsWith('credentialFields') || violation.code === 'missing.value')
    return violation
  return {
    ...violation,
    message: `The value is not valid for field [${violation.fieldName}]: it must be text.`,
  }
}

/** `{ id }`, `{ name }` or the bare text: clients of the platform send all three. */
function typeOf(violations: Violations, value: unknown): string {
  const named = isRecord(value) ? (value['id'] ?? value['name']) : value
  if (named === undefined) addMissing(violations, 'type')
  else if (typeof named === 'string' && findCredentialType(named) !== undefined) return named
  else addInvalid(violations, 'type', named, `allowable values are: ${knownCredentialTypes()}.`)
  return ''
}
