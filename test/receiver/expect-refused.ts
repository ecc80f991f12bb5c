import type { Answer } from './http-caller.ts'
import type { TestReceiver } from '../support/test-receiver.ts'

/** What a problem of a type looks like in an answer. */
export function problem(type: string): { readonly type: string } {
  return { type: `urn:filter-ledger:problem:${type}` }
}

/** Asserts status and problem type of an answer, and that the ledger holds what it held. */
export async function expectRefused(
  receiver: TestReceiver,
  status: number,
  type: string,
  send: () => Promise<Answer>,
): Promise<Answer> {
  const before = receiver.ledger.reader.size()
  const answer = await send()
  expect({ status: answer.status, json: answer.json }).toMatchObject({
    status,
    json: { ...problem(type), status },
  })
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(receiver.ledger.reader.size()).toBe(before)
  return answer
}
