import express from 'express'
import type { ErrorRequestHandler, Express, Response } from 'express'
import helmet from 'helmet'
import { SIZE_TYPE } from '../../ledger/witness/add-checkpoint.ts'
import type { AddCheckpointHandler, WitnessAnswer } from '../../ledger/witness/witness.ts'

export interface WitnessAppDeps {
  readonly addCheckpoint: AddCheckpointHandler
  /** Called with what went wrong inside. The asker learns nothing of it. */
  readonly onError: (error: unknown) => void
}

/** A proof has at most 63 lines, a checkpoint a few more. */
const BODY_LIMIT = 65_536

/** A witness over HTTP (C2SP tlog-witness): `POST /add-checkpoint`. Who may ask is decided by the log's signature. */
export function createWitnessApp({ addCheckpoint, onError }: WitnessAppDeps): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(helmet())
  app.get('/health/live', (_req, res) => void res.json({ status: 'ok' }))
  const readBody = express.raw({ type: () => true, limit: BODY_LIMIT, inflate: false })
  app.post('/add-checkpoint', readBody, async (req, res) => {
    const body: unknown = req.body
    sendAnswer(res, await addCheckpoint(Buffer.isBuffer(body) ? body.toString('utf8') : ''))
  })
  app.use((_req, res) => {
    sendText(res, 404, 'there is nothing here; a log posts to /add-checkpoint')
  })
  app.use(errorHandler(onError))
  return app
}

function sendAnswer(res: Response, answer: WitnessAnswer): void {
  switch (answer.kind) {
    case 'cosigned':
      res.status(200).type('text/plain; charset=utf-8').send(answer.signature)
      return
    case 'conflict':
      // Past Express, which would add a charset to the type.
      res.status(409).setHeader('content-type', SIZE_TYPE)
      res.end(`${answer.size}\n`)
      return
    case 'malformed':
      sendText(res, 400, answer.reason)
      return
    case 'unknown-key':
      sendText(res, 403, 'the checkpoint has no valid signature of a key that this witness knows')
      return
    case 'unknown-log':
      sendText(res, 404, 'this witness does not watch a log of that origin')
      return
    case 'inconsistent':
      sendText(res, 422, 'the checkpoint does not go on from the last one: the proof does not hold')
  }
}

function errorHandler(onError: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    if (res.headersSent) {
      next(error)
      return
    }
    const status = statusOf(error)
    if (status >= 500) onError(error)
    sendText(
      res,
      status,
      status === 413
        ? `at most ${BODY_LIMIT} bytes`
        : status < 500
          ? 'the request cannot be read'
          : 'something went wrong here',
    )
  }
}

/** What the body parser refuses carries a status of its own. */
function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500
}

function sendText(res: Response, status: number, text: string): void {
  res.status(status).type('text/plain; charset=utf-8').send(`${text}\n`)
}
