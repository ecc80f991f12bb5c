import { addInvalid, addMissing, choiceField, integerField, recordField } from '../fields.ts'
import type { Violations } from '../fields.ts'
import { SandboxError } from '../sandbox-error.ts'
import type { ActionConfig } from './integration-state.ts'
import { rawTextField, textsField } from './read-body.ts'

/** An action without a configuration: what a draft starts with. */
export const NO_CONFIG: ActionConfig = {
  request: {
    requestUrlTemplate: '',
    requestTemplate: '${input.rawRequest}',
    requestType: 'GET',
    headers: {},
  },
  response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
}

/** Parses `ActionConfig` of the platform API; absent members get the platform's defaults. */
export function parseConfig(violations: Violations, value: unknown): ActionConfig {
  const config = recordField(violations, 'config', value)
  if (config !== value) return NO_CONFIG
  const { timeoutSeconds: timeout } = config
  return {
    ...(timeout === undefined || timeout === null
      ? {}
      : { timeoutSeconds: integerField(violations, 'config.timeoutSeconds', timeout, { min: 1, max: 60 }) }),
    request: parseRequest(violations, config['request'] ?? {}),
    response: parseResponse(violations, config['response'] ?? {}),
  }
}

function parseRequest(violations: Violations, value: unknown): ActionConfig['request'] {
  const request = recordField(violations, 'config.request', value)
  const { requestUrlTemplate, requestTemplate, requestType, headers } = request
  const { request: absent } = NO_CONFIG
  const types = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'] as const
  const prefix = 'config.request'
  return {
    requestUrlTemplate: rawTextField(violations, `${prefix}.requestUrlTemplate`, requestUrlTemplate, ''),
    requestTemplate: rawTextField(
      violations,
      `${prefix}.requestTemplate`,
      requestTemplate,
      absent.requestTemplate,
    ),
    requestType: choiceField(violations, `${prefix}.requestType`, requestType ?? absent.requestType, types),
    headers: textsField(violations, `${prefix}.headers`, headers),
  }
}

function parseResponse(violations: Violations, value: unknown): ActionConfig['response'] {
  const response = recordField(violations, 'config.response', value)
  const prefix = 'config.response'
  return {
    translationMap: textsField(violations, `${prefix}.translationMap`, response['translationMap']),
    translationMapDefaults: textsField(
      violations,
      `${prefix}.translationMapDefaults`,
      response['translationMapDefaults'],
    ),
    successTemplate: rawTextField(
      violations,
      `${prefix}.successTemplate`,
      response['successTemplate'],
      NO_CONFIG.response.successTemplate,
    ),
  }
}

/** What a configuration needs before it can be published, beyond its form. */
export function checkPublishable(violations: Violations, config: ActionConfig, isAuth: boolean): void {
  if (config.request.requestUrlTemplate === '') addMissing(violations, 'config.request.requestUrlTemplate')
  if (isAuth && config.timeoutSeconds !== undefined) {
    const rule = 'the setting is invalid for Custom Authentication Actions.'
    addInvalid(violations, 'config.timeoutSeconds', config.timeoutSeconds, rule)
  }
}

/** The version of a change, which must be there. */
export function versionField(violations: Violations, value: unknown): number {
  if (value !== undefined) {
    return integerField(violations, 'version', value, { min: 0, max: Number.MAX_SAFE_INTEGER })
  }
  addMissing(violations, 'version')
  return 0
}

/** Optimistic locking of actions and drafts: 400, where other resources say 409. @throws SandboxError `bad.request` */
export function requireLatest(what: 'version' | 'draft version', supplied: number, latest: number): void {
  if (supplied === latest) return
  throw new SandboxError(
    'bad.request',
    `Supplied version ${supplied} does not match latest ${what} ${latest}`,
    {
      messageParams: { supplied: String(supplied), latest: String(latest) },
      details: [{ errorCode: 'version.mismatch', fieldName: 'version' }],
    },
  )
}

/** Contract and `secure` are frozen once an action is published. */
export function refuseFrozen(violations: Violations, body: Readonly<Record<string, unknown>>): void {
  for (const name of ['contract', 'secure']) {
    if (body[name] === undefined) continue
    const message = `Field [${name}] cannot be changed after the action is published.`
    violations.push({ code: 'invalid.value', fieldName: name, message })
  }
}
