import { request } from 'node:http'
import type { Agent, IncomingMessage } from 'node:http'
import type { Answer } from '../retrying-sender.ts'
import type { StormEvent } from './storm-events.ts'

/**
 * What goes wrong on the way: the connection breaks in the middle of the body, or right behind it, or when the
 * answer is already there. The receiver does not know of the last; the sender cannot tell any of them apart.
 */
export const MISHAPS = ['cut-in-body', 'cut-behind-body', 'answer-lost'] as const
export type Mishap = (typeof MISHAPS)[number]

export interface Attempt {
  readonly url: string
  readonly event: StormEvent
  readonly agent: Agent
  readonly timeoutMs: number
  readonly mishap?: Mishap | undefined
}

/** One attempt, as the sender sees it. Never rejects. */
export function postOnce({ url, event, agent, timeoutMs, mishap }: Attempt): Promise<Answer> {
  const { source, body, headers } = event
  return new Promise((resolve) => {
    const sent = request(`${url}/webhooks/${source}`, {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': body.length },
    })
    const fail = (reason: string): void => {
      clearTimeout(timer)
      resolve({ status: undefined, reason })
      sent.destroy()
    }
    const timer = setTimeout(() => fail('timeout'), timeoutMs)
    sent.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message))
    sent.once('response', (response) => {
      if (mishap === 'answer-lost') fail(mishap)
      else
        readAnswer(response).then(
          (answer) => {
            clearTimeout(timer)
            resolve(answer)
          },
          () => fail('cut answer'),
        )
    })
    if (mishap === 'cut-in-body') sent.write(body.subarray(0, body.length / 2), () => fail(mishap))
    else if (mishap === 'cut-behind-body') sent.end(body, () => fail(mishap))
    else sent.end(body)
  })
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const problem = text === '' ? undefined : (JSON.parse(text) as { readonly type?: string }).type
  return {
    status: response.statusCode ?? 0,
    problem: problem?.split(':').at(-1),
    retryAfter: response.headers['retry-after'],
  }
}
