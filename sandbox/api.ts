import { errorAnswer, plainErrorBody } from './error-body.ts'
import { jsonAnswer } from './exchange.ts'
import type { SandboxAnswer, SandboxOutcome, SandboxRequest } from './exchange.ts'
import type { FaultQueue, QueuedFault } from './faults.ts'
import type { WriteLog } from './log-line.ts'
import { isLoopback } from './loopback.ts'
import { requireScope } from './oauth.ts'
import type { OAuth } from './oauth.ts'
import type { RateVerdict } from './rate-limit.ts'
import { matchPath } from './route.ts'
import type { PathParameters, Route, TokenRoute } from './route.ts'
import { SandboxError } from './sandbox-error.ts'

export interface ApiParts {
  readonly routes: readonly Route[]
  readonly oauth: OAuth
  readonly faults: FaultQueue
  /** Absent: no rate limit. */
  readonly takeRate: ((token: string) => RateVerdict) | undefined
  /** Of the rate limit, for its message. */
  readonly rateMessage: string
  /** True: the control routes answer only requests that name a loopback host. */
  readonly onLoopback: boolean
  readonly sleep: (ms: number) => Promise<void>
  readonly log: WriteLog
}

/** Answers a request; never rejects. */
export type Api = (request: SandboxRequest) => Promise<SandboxOutcome>

/** The whole sandbox without its transport: faults first, then the routes. */
export function createApi(parts: ApiParts): Api {
  return async (request) => {
    const controlled = request.path === '/sandbox' || request.path.startsWith('/sandbox/')
    const fault = controlled ? undefined : parts.faults.take(request.method, request.path)
    if (fault === undefined) return { kind: 'answer', answer: answerRequest(parts, request) }
    parts.log('warn', 'fault injected', {
      path: request.path,
      kind: fault.fault.kind,
      applied: fault.applied,
    })
    return strike(parts, request, fault)
  }
}

async function strike(parts: ApiParts, request: SandboxRequest, fault: QueuedFault): Promise<SandboxOutcome> {
  const real = fault.applied ? answerRequest(parts, request) : undefined
  const effect = fault.fault
  switch (effect.kind) {
    case 'reset':
      return { kind: 'reset' }
    case 'delay': {
      await parts.sleep(effect.ms)
      const late = new SandboxError('request.timeout', 'The request timed out.')
      return { kind: 'answer', answer: real ?? errorAnswer(late, request.correlationId) }
    }
    case 'status': {
      const {
        status,
        code = codeOf(status),
        message = 'A fault injected into the sandbox.',
        headers,
      } = effect
      const body = plainErrorBody(status, code, message, request.correlationId)
      return { kind: 'answer', answer: jsonAnswer(status, body, headers) }
    }
  }
}

function codeOf(status: number): string {
  const codes: Readonly<Record<number, string>> = {
    401: 'bad.credentials',
    403: 'missing.permissions',
    404: 'not.found',
    409: 'general.conflict',
    429: 'too.many.requests',
    503: 'service.unavailable',
    504: 'request.timeout',
  }
  return codes[status] ?? (status < 500 ? 'bad.request' : 'internal.server.error')
}

function answerRequest(parts: ApiParts, request: SandboxRequest): SandboxAnswer {
  return guarded(parts, request, () => callRoute(parts, request))
}

/** Turns what a handler throws into the answer it means. */
function guarded({ log }: ApiParts, request: SandboxRequest, handle: () => SandboxAnswer): SandboxAnswer {
  const { correlationId } = request
  try {
    return handle()
  } catch (error) {
    if (error instanceof SandboxError) return errorAnswer(error, correlationId)
    log('error', 'a handler broke', { correlationId, reason: String(error) })
    const bug = new SandboxError('internal.server.error', 'The request failed.', { cause: error })
    return errorAnswer(bug, correlationId)
  }
}

function callRoute(parts: ApiParts, request: SandboxRequest): SandboxAnswer {
  const { route, parameters } = findRoute(parts.routes, request)
  if (route.access === 'token') return callResource(parts, request, route, parameters)
  if (route.access === 'control') requireLoopbackHost(parts, request)
  return route.handle(request)
}

function callResource(
  parts: ApiParts,
  request: SandboxRequest,
  route: TokenRoute,
  parameters: PathParameters,
): SandboxAnswer {
  const { client, token } = parts.oauth.authenticate(request)
  const rate = parts.takeRate?.(token)
  const answer = guarded(parts, request, () => {
    if (rate?.permitted === false) throw new SandboxError('too.many.requests', parts.rateMessage)
    requireScope(client, route.anyOf)
    return route.handle({ request, client, ...parameters })
  })
  return rate === undefined ? answer : { ...answer, headers: { ...answer.headers, ...rate.headers } }
}

function findRoute(
  routes: readonly Route[],
  request: SandboxRequest,
): { route: Route; parameters: PathParameters } {
  const allowed: string[] = []
  for (const route of routes) {
    const parameters = matchPath(route.path, request.path)
    if (parameters === undefined) continue
    if (route.method === request.method) return { route, parameters }
    allowed.push(route.method)
  }
  if (allowed.length === 0) throw new SandboxError('not.found', 'The requested resource was not found.')
  throw new SandboxError('method.not.allowed', `The resource does not know ${request.method}.`, {
    headers: { allow: allowed.join(', ') },
  })
}

/** A page of a foreign site that had its name pointed at this machine must not steer the sandbox. */
function requireLoopbackHost({ onLoopback }: ApiParts, { headers }: SandboxRequest): void {
  if (!onLoopback) return
  const host = `http://${headers['host'] ?? ''}`
  if (URL.canParse(host) && isLoopback(new URL(host).hostname)) return
  throw new SandboxError('not.authorized', 'The sandbox is steered from this machine only.')
}
