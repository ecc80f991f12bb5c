import express from 'express'
import type { ErrorRequestHandler, Express, Request, Response } from 'express'
import type { Api } from './api.ts'
import { errorAnswer } from './error-body.ts'
import type { SandboxAnswer, SandboxRequest } from './exchange.ts'
import type { WriteLog } from './log-line.ts'
import { SandboxError } from './sandbox-error.ts'

export interface AppParts {
  readonly api: Api
  readonly uuid: () => string
  readonly log: WriteLog
}

/** The thin adapter between Express and the transport-free API. */
export function createApp({ api, uuid, log }: AppParts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use((_request, response, next) => {
    response.locals['correlationId'] = uuid()
    next()
  })
  app.use(express.raw({ type: () => true, limit: '256kb' }))
  app.use(async (request, response) => {
    const asked = toSandboxRequest(request, correlationIdOf(response))
    const outcome = await api(asked)
    if (outcome.kind === 'answer') {
      send(response, outcome.answer, asked, log)
      return
    }
    log('info', 'connection reset', { method: asked.method, path: asked.path })
    request.socket.resetAndDestroy()
  })
  app.use(refuseUnreadable(log))
  return app
}

function toSandboxRequest(request: Request, correlationId: string): SandboxRequest {
  const [path = '/', ...rest] = request.originalUrl.split('?')
  const body: unknown = request.body
  return {
    method: request.method,
    path,
    query: new URLSearchParams(rest.join('?')),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
    ),
    body: body instanceof Uint8Array ? body : new Uint8Array(),
    correlationId,
  }
}

function send(
  response: Response,
  answer: SandboxAnswer,
  { method, path }: Pick<SandboxRequest, 'method' | 'path'>,
  log: WriteLog,
): void {
  const correlationId = correlationIdOf(response)
  log('info', 'request', { method, path, status: answer.status, correlationId })
  response.status(answer.status)
  response.set({ ...answer.headers, 'inin-correlation-id': correlationId, 'x-filter-ledger-sandbox': 'true' })
  response.end(answer.body)
}

function correlationIdOf(response: Response): string {
  const id: unknown = response.locals['correlationId']
  return typeof id === 'string' ? id : ''
}

/** What the body parser refuses never reaches the API: too large, cut off, or in an unknown encoding. */
function refuseUnreadable(log: WriteLog): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error)
      return
    }
    const status = error instanceof Error && 'status' in error ? error.status : undefined
    const refusal =
      status === 413
        ? new SandboxError('request.entity.too.large', 'The body is larger than the sandbox accepts.')
        : status === 415
          ? new SandboxError('unsupported.media.type', 'The content encoding is not supported.')
          : new SandboxError('bad.request', 'The request could not be read.')
    const { method, path } = request
    send(response, errorAnswer(refusal, correlationIdOf(response)), { method, path }, log)
  }
}
