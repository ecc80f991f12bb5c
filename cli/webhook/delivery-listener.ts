import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import { refusalOf } from '../../receiver/edge/delivery-result.ts'
import { readBody } from '../../receiver/http/read-body.ts'
import { singleHeader } from '../../receiver/edge/single-header.ts'
import { problemDocument, RequestProblem } from '../../receiver/problem.ts'
import type { ProblemDocument } from '../../receiver/problem.ts'
import { requireJson } from '../../receiver/http/require-json.ts'
import type { SignatureFacts, VerifySignature } from '../../receiver/webhook/schemes/scheme.ts'
import { verifyDelivery } from '../../receiver/webhook/verified-delivery.ts'
import { printable } from './printable.ts'

/** What came, and what became of it: more than a sender is ever told, for whoever writes that sender. */
export interface Heard {
  readonly status: number
  /** The named reason of a refusal, as a receiver's log has it. */
  readonly reason?: string
  /** What exactly was wrong. */
  readonly detail?: string
  readonly facts?: Pick<SignatureFacts, 'scheme' | 'algorithm' | 'keyId' | 'ageS' | 'deliveryId'>
  readonly eventId?: string
  readonly eventType?: string
  readonly bodyBytes?: number
}

export interface ListenerDeps {
  readonly verify: VerifySignature
  readonly now: () => Date
  /** Bytes of a body, at most. */
  readonly bodyLimit: number
  readonly tell: (heard: Heard) => void
}

interface Outcome {
  readonly heard: Heard
  readonly problem?: ProblemDocument
}

/** Verifies whatever is posted, on any path, as a receiver does, and answers as one; keeps nothing. */
export function deliveryListener(deps: ListenerDeps): RequestListener {
  return (req, res) => {
    void hear(req, deps).then(({ heard, problem }) => {
      deps.tell(heard)
      if (problem) res.setHeader('content-type', 'application/problem+json')
      res.writeHead(heard.status).end(problem && JSON.stringify(problem))
    })
  }
}

async function hear(req: IncomingMessage, { verify, now, bodyLimit }: ListenerDeps): Promise<Outcome> {
  try {
    if (req.method !== 'POST') throw new RequestProblem('method-not-allowed')
    requireJson(req)
    const body = await readBody(req, bodyLimit)
    const { facts } = await verifyDelivery({ body, header: singleHeader(req) }, verify, now())
    const { scheme, algorithm, keyId, ageS, deliveryId } = facts
    const known = {
      scheme,
      algorithm,
      ...(keyId !== undefined && { keyId }),
      ...(ageS !== undefined && { ageS }),
      ...(deliveryId !== undefined && { deliveryId }),
    }
    return { heard: { status: 202, facts: known, ...eventOf(body), bodyBytes: body.length } }
  } catch (error) {
    return refused(error)
  }
}

function refused(error: unknown): Outcome {
  const { result, problem } = refusalOf(error)
  const type = problem instanceof RequestProblem ? problem.code : 'internal-error'
  const document = problemDocument(type, randomUUID())
  const cause =
    problem instanceof RequestProblem && problem.cause instanceof Error ? problem.cause : undefined
  const reason = result === 'internal-error' ? type : result
  return {
    heard: { status: document.status, reason, detail: cause?.message ?? document.detail },
    problem: document,
  }
}

/** What names the event, in the words of any envelope; a body that is no event has neither. */
function eventOf(body: Buffer): Pick<Heard, 'eventId' | 'eventType'> {
  try {
    const event: unknown = JSON.parse(body.toString('utf8'))
    if (typeof event !== 'object' || event === null) return {}
    const members = new Map(Object.entries(event))
    const id: unknown = members.get('id')
    const type: unknown = members.get('event_type') ?? members.get('type') ?? members.get('detail-type')
    return {
      ...(typeof id === 'string' && { eventId: printable(id) }),
      ...(typeof type === 'string' && { eventType: printable(type) }),
    }
  } catch {
    return {}
  }
}
