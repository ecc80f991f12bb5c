import { plainErrorBody } from '../error-body.ts'
import { emptyAnswer, jsonAnswer } from '../exchange.ts'
import type { SandboxAnswer } from '../exchange.ts'
import { booleanField, textField } from '../fields.ts'
import type { Violations } from '../fields.ts'
import type { ResourceCall } from '../filters.ts'
import { pageOf } from '../paging.ts'
import { refuseViolations, SandboxError } from '../sandbox-error.ts'
import {
  checkPublishable,
  NO_CONFIG,
  parseConfig,
  refuseFrozen,
  requireLatest,
  versionField,
} from './action-rules.ts'
import { actionSummary, actionView, WHOLE } from './action-view.ts'
import { changedNames, findPublished, integrationOf } from './actions.ts'
import { isAuthAction } from './auth-action.ts'
import { NO_CONTRACT, parseContract } from './contract-rules.ts'
import { ACTIONS } from './integration-state.ts'
import type { ActionContent, IntegrationsContext, StoredAction } from './integration-state.ts'
import { expands, found, isAsked, readBody } from './read-body.ts'
import { requireActive } from './reported-state.ts'

const NAME = { min: 1, max: 256 }

/** GET of all drafts: a page. */
export function listDrafts({ state }: IntegrationsContext, { request }: ResourceCall): SandboxAnswer {
  const chosen = [...state.actions.values()].flatMap((action) =>
    action.draft === undefined
      ? []
      : [{ ...actionSummary(action, action.draft), selfUri: draftPath(action.id) }],
  )
  return jsonAnswer(200, pageOf(chosen, request))
}

/** POST of an action that begins as a draft: name and integration suffice. @throws SandboxError for a body that breaks a rule */
export function createDraft(context: IntegrationsContext, { request }: ResourceCall): SandboxAnswer {
  const body = readBody(request)
  const violations: Violations = []
  const integration = integrationOf(context, violations, body['integrationId'])
  const category = body['category'] ?? integration?.name ?? 'Drafts'
  const draft: ActionContent = {
    name: textField(violations, 'name', body['name'], NAME),
    category: textField(violations, 'category', category, NAME),
    secure: booleanField(violations, 'secure', body['secure'], false),
    config: body['config'] === undefined ? NO_CONFIG : parseConfig(violations, body['config']),
    contract: body['contract'] === undefined ? NO_CONTRACT : parseContract(violations, body['contract']),
    version: 1,
  }
  refuseViolations(violations)
  const id = `custom_-_${context.uuid()}`
  return keepDraft(context, { id, integrationId: integration?.id ?? '' }, draft)
}

/** POST of a draft of a published action. @throws SandboxError `not.found`; `general.conflict` when it has one */
export function beginDraft(context: IntegrationsContext, { id }: ResourceCall): SandboxAnswer {
  const { action, published } = findPublished(context, id)
  if (action.draft !== undefined) {
    throw new SandboxError('general.conflict', `The action ${id} has a draft already.`, {
      details: [{ errorCode: 'general.conflict', entityId: id, entityName: action.draft.name }],
    })
  }
  return keepDraft(context, action, { ...published, version: 1 })
}

/** GET of a draft. @throws SandboxError `not.found` */
export function readDraft(context: IntegrationsContext, { id, request }: ResourceCall): SandboxAnswer {
  const { action, draft } = findDraft(context, id)
  const detail = {
    contract: expands(request, 'contract'),
    config: isAsked(request, 'includeConfig'),
    flatten: isAsked(request, 'flatten'),
  }
  return jsonAnswer(200, actionView(action, draft, draftPath(id), detail))
}

/** PATCH of a draft. Once the action is published, its contract is frozen. @throws SandboxError for a body that breaks a rule */
export function changeDraft(context: IntegrationsContext, { id, request }: ResourceCall): SandboxAnswer {
  const { action, draft } = findDraft(context, id)
  const body = readBody(request)
  const { config, contract, secure } = body
  const violations: Violations = []
  if (action.published !== undefined) refuseFrozen(violations, body)
  const version = versionField(violations, body['version'])
  const changed: ActionContent = {
    ...changedNames(violations, body, draft),
    secure: booleanField(violations, 'secure', secure, draft.secure),
    config: config === undefined ? draft.config : parseConfig(violations, config),
    contract: contract === undefined ? draft.contract : parseContract(violations, contract),
    version: draft.version + 1,
  }
  refuseViolations(violations)
  requireLatest('draft version', version, draft.version)
  return keepDraft(context, action, changed)
}

/** DELETE of a draft; an action never published goes with it. @throws SandboxError `not.found` */
export function removeDraft(context: IntegrationsContext, { id }: ResourceCall): SandboxAnswer {
  const { action } = findDraft(context, id)
  const { integrationId, published } = action
  if (published === undefined) context.state.actions.delete(id)
  else context.state.actions.set(id, { id, integrationId, published })
  return emptyAnswer()
}

/** GET: `DraftValidationResult` of the platform API. @throws SandboxError `not.found` */
export function validateDraft(context: IntegrationsContext, { id, request }: ResourceCall): SandboxAnswer {
  const { action, draft } = findDraft(context, id)
  const violations: Violations = []
  checkPublishable(violations, draft.config, isAuthAction(action))
  const errors = violations.map(({ code, message, fieldName }) => ({
    ...plainErrorBody(400, code, message, request.correlationId),
    details: [{ errorCode: code, fieldName }],
  }))
  return jsonAnswer(200, { valid: errors.length === 0, errors })
}

/** POST: the draft becomes the published version. @throws SandboxError for another version, a draft not valid, an integration not active */
export function publishDraft(context: IntegrationsContext, { id, request }: ResourceCall): SandboxAnswer {
  const { action, draft } = findDraft(context, id)
  const body = readBody(request)
  const violations: Violations = []
  const version = versionField(violations, body['version'])
  refuseViolations(violations)
  requireLatest('draft version', version, draft.version)
  checkPublishable(violations, draft.config, isAuthAction(action))
  refuseViolations(violations)
  const { integrationId, published: previous } = action
  const integration = found(context.state.integrations.get(integrationId), 'integration', integrationId)
  requireActive(context, integration)
  const published = { ...draft, version: (previous?.version ?? 0) + 1 }
  context.state.actions.set(id, { id, integrationId, published })
  return jsonAnswer(200, actionView(action, published, `${ACTIONS}/${id}`, WHOLE))
}

/** @throws SandboxError `not.found` */
export function findDraft(
  { state }: IntegrationsContext,
  id: string,
): { readonly action: StoredAction; readonly draft: ActionContent } {
  const action = found(state.actions.get(id), 'action', id)
  return { action, draft: found(action.draft, 'draft of the action', id) }
}

function keepDraft(context: IntegrationsContext, action: StoredAction, draft: ActionContent): SandboxAnswer {
  context.state.actions.set(action.id, { ...action, draft })
  return jsonAnswer(200, actionView(action, draft, draftPath(action.id), WHOLE))
}

function draftPath(id: string): string {
  return `${ACTIONS}/${id}/draft`
}
