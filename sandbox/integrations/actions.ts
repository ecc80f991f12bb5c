import { emptyAnswer, jsonAnswer } from '../exchange.ts'
import type { SandboxAnswer } from '../exchange.ts'
import { addInvalid, booleanField, textField } from '../fields.ts'
import type { Violations } from '../fields.ts'
import type { ResourceCall } from '../filters.ts'
import { pageOf } from '../paging.ts'
import { refuseViolations, SandboxError } from '../sandbox-error.ts'
import { checkPublishable, parseConfig, refuseFrozen, requireLatest, versionField } from './action-rules.ts'
import { actionSummary, actionView, WHOLE } from './action-view.ts'
import { isAuthAction } from './auth-action.ts'
import { parseContract } from './contract-rules.ts'
import { ACTIONS } from './integration-state.ts'
import type {
  ActionContent,
  IntegrationsContext,
  StoredAction,
  StoredIntegration,
} from './integration-state.ts'
import { expands, found, isAsked, readBody } from './read-body.ts'
import { requireActive } from './reported-state.ts'

const NAME = { min: 1, max: 256 }

/** GET of what is published: a page; `category`, `name` (a part of it), `ids`, `secure` narrow it. */
export function listActions({ state }: IntegrationsContext, { request }: ResourceCall): SandboxAnswer {
  const { query } = request
  const category = query.get('category')
  const part = (query.get('name') ?? '').toLowerCase()
  const ids = query.getAll('ids').flatMap((list) => list.split(','))
  const secure = query.get('secure')
  const withAuth = isAsked(request, 'includeAuthActions')
  const chosen = [...state.actions.values()].flatMap((action) => {
    const { published } = action
    const fits =
      published !== undefined &&
      (withAuth || !isAuthAction(action)) &&
      (category === null || published.category === category) &&
      (ids.length === 0 || ids.includes(action.id)) &&
      (secure === null || String(published.secure) === secure) &&
      published.name.toLowerCase().includes(part)
    return fits ? [actionSummary(action, published)] : []
  })
  return jsonAnswer(200, pageOf(chosen, request))
}

/** GET of the categories of what is published. */
export function listCategories({ state }: IntegrationsContext, { request }: ResourceCall): SandboxAnswer {
  const published = [...state.actions.values()].flatMap((action) => action.published?.category ?? [])
  return jsonAnswer(
    200,
    pageOf(
      [...new Set(published)].map((name) => ({ name })),
      request,
    ),
  )
}

/** POST: the action is published at once. @throws SandboxError for a body that breaks a rule, or an integration not active */
export function createAction(context: IntegrationsContext, { request }: ResourceCall): SandboxAnswer {
  const body = readBody(request)
  const violations: Violations = []
  const integration = integrationOf(context, violations, body['integrationId'])
  const content: ActionContent = {
    name: textField(violations, 'name', body['name'], NAME),
    category: textField(violations, 'category', body['category'], NAME),
    secure: booleanField(violations, 'secure', body['secure'], false),
    config: parseConfig(violations, body['config']),
    contract: parseContract(violations, body['contract']),
    version: 1,
  }
  if (violations.length === 0) checkPublishable(violations, content.config, false)
  refuseViolations(violations)
  if (integration !== undefined) requireActive(context, integration)
  const action: StoredAction = {
    id: `custom_-_${context.uuid()}`,
    integrationId: integration?.id ?? '',
    published: content,
  }
  context.state.actions.set(action.id, action)
  return jsonAnswer(200, actionView(action, content, `${ACTIONS}/${action.id}`, WHOLE))
}

/** GET of one: `expand=contract`, `includeConfig`, `flatten`. @throws SandboxError `not.found` */
export function readAction(context: IntegrationsContext, { id, request }: ResourceCall): SandboxAnswer {
  const { action, published } = findPublished(context, id)
  const detail = {
    contract: expands(request, 'contract'),
    config: isAsked(request, 'includeConfig'),
    flatten: isAsked(request, 'flatten'),
  }
  return jsonAnswer(200, actionView(action, published, `${ACTIONS}/${id}`, detail))
}

/** PATCH of name, category and config. @throws SandboxError for another version, or a contract, which is frozen */
export function changeAction(context: IntegrationsContext, { id, request }: ResourceCall): SandboxAnswer {
  const { action, published } = findPublished(context, id)
  const body = readBody(request)
  const violations: Violations = []
  refuseFrozen(violations, body)
  const version = versionField(violations, body['version'])
  const content: ActionContent = {
    ...published,
    ...changedNames(violations, body, published),
    config: body['config'] === undefined ? published.config : parseConfig(violations, body['config']),
    version: published.version + 1,
  }
  if (body['config'] !== undefined) checkPublishable(violations, content.config, isAuthAction(action))
  refuseViolations(violations)
  requireLatest('version', version, published.version)
  context.state.actions.set(id, { ...action, published: content })
  return jsonAnswer(200, actionView(action, content, `${ACTIONS}/${id}`, WHOLE))
}

/** DELETE, with its draft. @throws SandboxError `not.found`; `bad.request` for an auth action */
export function removeAction(context: IntegrationsContext, { id }: ResourceCall): SandboxAnswer {
  const { action } = findPublished(context, id)
  if (isAuthAction(action)) {
    throw new SandboxError('bad.request', 'A Custom Authentication Action cannot be deleted.')
  }
  context.state.actions.delete(id)
  return emptyAnswer()
}

/** POST of an execution or a test. @throws SandboxError `not.found`, otherwise always `not.implemented` */
export function refuseExecution({ state }: IntegrationsContext, { id }: ResourceCall): SandboxAnswer {
  found(state.actions.get(id), 'action', id)
  throw new SandboxError('not.implemented', 'The sandbox keeps data actions, but does not run them.')
}

/** @throws SandboxError `not.found`, for an action that was never published too */
export function findPublished(
  { state }: IntegrationsContext,
  id: string,
): { readonly action: StoredAction; readonly published: ActionContent } {
  const action = found(state.actions.get(id), 'action', id)
  return { action, published: found(action.published, 'action', id) }
}

/** Name and category of a change; what is absent stays. */
export function changedNames(
  violations: Violations,
  { name, category }: Readonly<Record<string, unknown>>,
  present: Pick<ActionContent, 'name' | 'category'>,
): Pick<ActionContent, 'name' | 'category'> {
  return {
    name: textField(violations, 'name', name ?? present.name, NAME),
    category: textField(violations, 'category', category ?? present.category, NAME),
  }
}

/** The integration an action is made for; `undefined` after a violation. */
export function integrationOf(
  { state }: IntegrationsContext,
  violations: Violations,
  value: unknown,
): StoredIntegration | undefined {
  const id = textField(violations, 'integrationId', value, NAME)
  const integration = state.integrations.get(id)
  if (integration === undefined && id !== '') {
    addInvalid(violations, 'integrationId', id, 'there is no such integration.')
  }
  return integration
}
