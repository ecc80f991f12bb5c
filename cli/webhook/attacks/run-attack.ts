import { readProblem } from '../answer.ts'
import type { Answer } from '../answer.ts'
import type { RawRequest } from '../raw-request.ts'
import type { RawOutcome } from '../send-raw.ts'
import type { Sender } from '../sender.ts'
import type { Attack, ExpectedAnswer } from './attack.ts'

export interface StepResult {
  readonly expected: ExpectedAnswer
  /** Undefined when the connection was closed, or nothing came in time. */
  readonly answer: Answer | undefined
  readonly kind: RawOutcome['kind']
  readonly isAsExpected: boolean
  readonly ms: number
}

export interface AttackResult {
  readonly name: string
  /** True when every answer was the expected one. */
  readonly isWithstood: boolean
  readonly steps: readonly StepResult[]
}

/** Sends the requests of an attack, one after the other, and compares the answers. @throws CliError `unreachable` */
export async function runAttack(
  attack: Attack,
  sender: Sender,
  send: (url: URL, request: RawRequest) => Promise<RawOutcome>,
): Promise<AttackResult> {
  const steps: StepResult[] = []
  for (const { request, expect = attack.expect } of attack.steps(sender)) {
    const outcome = await send(sender.url, request)
    const answer = answerOf(outcome)
    steps.push({
      expected: expect,
      answer,
      kind: outcome.kind,
      isAsExpected: answer !== undefined && isExpected(answer, expect),
      ms: outcome.ms,
    })
  }
  return { name: attack.name, isWithstood: steps.every(({ isAsExpected }) => isAsExpected), steps }
}

function answerOf(outcome: RawOutcome): Answer | undefined {
  if (outcome.kind !== 'answered') return undefined
  const { status, headers, body } = outcome
  return readProblem(status, body.toString('utf8'), headers.get('retry-after'))
}

function isExpected({ status, problem }: Answer, expected: ExpectedAnswer): boolean {
  return status === expected.status && (expected.problem === undefined || problem === expected.problem)
}
