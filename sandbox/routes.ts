import type { DeliveryRecord } from './delivery-log.ts'
import { emptyAnswer, jsonAnswer, readJson } from './exchange.ts'
import { parseFault } from './faults.ts'
import type { FaultQueue } from './faults.ts'
import { createFilter, listFilters, readFilter, removeFilter, replaceFilter } from './filters.ts'
import { integrationRoutes } from './integrations/integration-routes.ts'
import type { IntegrationsContext } from './integrations/integration-state.ts'
import type { OAuth } from './oauth.ts'
import { pageAnswer } from './page.ts'
import { pageOf } from './paging.ts'
import type { Route } from './route.ts'
import type { Signer } from './signer.ts'
import type { ResourceContext, SandboxClient, SandboxState } from './state.ts'
import {
  createSubscription,
  listSubscriptions,
  readSubscription,
  removeSubscription,
  replaceSubscription,
} from './subscriptions.ts'

export interface RouteParts {
  readonly context: ResourceContext
  readonly integrations: IntegrationsContext
  readonly oauth: OAuth
  readonly signer: Signer
  readonly faults: FaultQueue
  readonly deliveries: () => readonly DeliveryRecord[]
}

/** Everything the sandbox answers, in one table. */
export function buildRoutes(parts: RouteParts): readonly Route[] {
  return [
    ...openRoutes(parts),
    ...controlRoutes(parts),
    ...filterRoutes(parts),
    ...subscriptionRoutes(parts),
    ...integrationRoutes(parts.integrations),
  ]
}

function openRoutes({ context, oauth, signer }: RouteParts): readonly Route[] {
  const { state, filtersPath, subscriptionsPath } = context
  const paths = [
    '/oauth/token',
    '/api/v2/organizations/me',
    '/api/v2/tokens/me',
    filtersPath,
    subscriptionsPath,
    '/api/v2/integrations',
    '/api/v2/integrations/actions',
    '/.well-known/jwks.json',
    '/sandbox/faults',
    '/sandbox/deliveries',
  ]
  return [
    { method: 'GET', path: '/', access: 'open', handle: () => pageAnswer(state, paths) },
    { method: 'POST', path: '/oauth/token', access: 'open', handle: oauth.issueToken },
    {
      method: 'GET',
      path: '/.well-known/jwks.json',
      access: 'open',
      handle: () => jsonAnswer(200, signer.publicKeys()),
    },
    {
      method: 'GET',
      path: '/api/v2/organizations/me',
      access: 'token',
      anyOf: [],
      handle: () => jsonAnswer(200, { ...state.organization, selfUri: '/api/v2/organizations/me' }),
    },
    {
      method: 'GET',
      path: '/api/v2/tokens/me',
      access: 'token',
      anyOf: [],
      handle: ({ client }) => jsonAnswer(200, tokenInfo(state.organization, client)),
    },
  ]
}

/** `TokenInfo` of the platform API. */
function tokenInfo(organization: SandboxState['organization'], client: SandboxClient) {
  return {
    organization,
    homeOrganization: organization,
    authorizedScope: client.scopes,
    OAuthClient: { id: client.id, name: client.name, organization },
  }
}

function controlRoutes({ faults, deliveries }: RouteParts): readonly Route[] {
  const path = '/sandbox/faults'
  return [
    { method: 'GET', path, access: 'control', handle: () => jsonAnswer(200, { entities: faults.list() }) },
    {
      method: 'POST',
      path,
      access: 'control',
      handle: (request) => jsonAnswer(201, faults.add(parseFault(readJson(request)))),
    },
    {
      method: 'DELETE',
      path,
      access: 'control',
      handle: () => {
        faults.clear()
        return emptyAnswer()
      },
    },
    {
      method: 'GET',
      path: '/sandbox/deliveries',
      access: 'control',
      handle: (request) => jsonAnswer(200, pageOf(deliveries(), request)),
    },
  ]
}

function filterRoutes({ context }: RouteParts): readonly Route[] {
  const path = context.filtersPath
  const one = `${path}/{id}`
  const access = 'token'
  const read = ['ai:llm-gateway:read', 'ai:llm-gateway:read:filters']
  const write = ['ai:llm-gateway:write']
  return [
    { method: 'GET', path, access, anyOf: read, handle: (call) => listFilters(context, call) },
    { method: 'POST', path, access, anyOf: write, handle: (call) => createFilter(context, call) },
    { method: 'GET', path: one, access, anyOf: read, handle: (call) => readFilter(context, call) },
    { method: 'PUT', path: one, access, anyOf: write, handle: (call) => replaceFilter(context, call) },
    { method: 'DELETE', path: one, access, anyOf: write, handle: (call) => removeFilter(context, call) },
  ]
}

function subscriptionRoutes({ context }: RouteParts): readonly Route[] {
  const path = context.subscriptionsPath
  const one = `${path}/{id}`
  const access = 'token'
  const read = ['webhook:read']
  const write = ['webhook:write']
  return [
    { method: 'GET', path, access, anyOf: read, handle: (call) => listSubscriptions(context, call) },
    { method: 'POST', path, access, anyOf: write, handle: (call) => createSubscription(context, call) },
    { method: 'GET', path: one, access, anyOf: read, handle: (call) => readSubscription(context, call) },
    { method: 'PUT', path: one, access, anyOf: write, handle: (call) => replaceSubscription(context, call) },
    {
      method: 'DELETE',
      path: one,
      access,
      anyOf: write,
      handle: (call) => removeSubscription(context, call),
    },
  ]
}
