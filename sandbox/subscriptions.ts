import { emptyAnswer, jsonAnswer, readJson } from './exchange.ts'
import type { SandboxAnswer } from './exchange.ts'
import type { ResourceCall } from './filters.ts'
import { pageOf } from './paging.ts'
import { firstRevision, nextRevision, requireVersion } from './revision.ts'
import { refuseViolations, SandboxError } from './sandbox-error.ts'
import type { FilterChange, ResourceContext, Subscription } from './state.ts'
import { parseSubscription } from './subscription-rules.ts'

/** GET of the collection: a page, in the order of creation. */
export function listSubscriptions({ state }: ResourceContext, { request }: ResourceCall): SandboxAnswer {
  return jsonAnswer(200, pageOf([...state.subscriptions.values()], request))
}

/** GET of one subscription. @throws SandboxError `not.found` */
export function readSubscription(context: ResourceContext, { id }: ResourceCall): SandboxAnswer {
  return jsonAnswer(200, findSubscription(context, id))
}

/** POST. @throws SandboxError for a payload that breaks a rule, an unknown filter, or a name that is taken */
export function createSubscription(context: ResourceContext, { request }: ResourceCall): SandboxAnswer {
  const { input } = parseSubscription(readJson(request))
  const subscription: Subscription = {
    ...firstRevision(context.uuid(), context.subscriptionsPath, context.now()),
    ...input,
  }
  refuseUnknownFilter(context, subscription)
  refuseDuplicateName(context, subscription)
  context.state.subscriptions.set(subscription.id, subscription)
  return jsonAnswer(201, subscription, { location: subscription.selfUri })
}

/** PUT: replaces the whole subscription and raises its version. @throws SandboxError as POST, `not.found` */
export function replaceSubscription(context: ResourceContext, { request, id }: ResourceCall): SandboxAnswer {
  const previous = findSubscription(context, id)
  const { input, version } = parseSubscription(readJson(request))
  requireVersion(previous, version)
  const subscription: Subscription = { ...nextRevision(previous, context.now()), ...input }
  // A subscription may outlive its filter: what it named before stays permitted.
  if (subscription.filter_id !== previous.filter_id) refuseUnknownFilter(context, subscription)
  refuseDuplicateName(context, subscription)
  context.state.subscriptions.set(id, subscription)
  return jsonAnswer(200, subscription)
}

/** DELETE. Events queued before it are still delivered. @throws SandboxError `not.found` */
export function removeSubscription(context: ResourceContext, { id }: ResourceCall): SandboxAnswer {
  context.state.subscriptions.delete(findSubscription(context, id).id)
  return emptyAnswer()
}

/** Whether a subscription wants to hear of a change. */
export function wantsChange(subscription: Subscription, change: FilterChange): boolean {
  if (!subscription.enabled || !subscription.event_types.includes(change.eventType)) return false
  return subscription.filter_id === undefined || subscription.filter_id === change.filter.id
}

function findSubscription({ state }: ResourceContext, id: string): Subscription {
  const subscription = state.subscriptions.get(id)
  if (subscription !== undefined) return subscription
  throw new SandboxError('not.found', `The webhook subscription ${JSON.stringify(id)} was not found.`, {
    details: [{ errorCode: 'not.found', entityId: id }],
  })
}

function refuseUnknownFilter({ state }: ResourceContext, { filter_id: id }: Subscription): void {
  if (id === undefined || state.filters.has(id)) return
  const message = `Value [${id}] is not valid for field [filter_id]: there is no such filter.`
  refuseViolations([{ code: 'invalid.value', fieldName: 'filter_id', message }])
}

function refuseDuplicateName({ state }: ResourceContext, { id, name }: Subscription): void {
  const other = [...state.subscriptions.values()].find((one) => one.name === name && one.id !== id)
  if (other === undefined) return
  throw new SandboxError(
    'duplicate.name',
    `The webhook subscription ${other.id} has the name [${name}] already.`,
    {
      messageParams: { name, id: other.id },
      details: [{ errorCode: 'duplicate.name', fieldName: 'name', entityId: other.id, entityName: name }],
    },
  )
}
