import { setTimeout as sleep } from 'node:timers/promises'
import { CliError, EXIT } from '../../exit.ts'
import { STANDARD_OUTPUT, table } from '../../output.ts'
import { describeAnswer } from '../../webhook/answer.ts'
import type { Attack, ExpectedAnswer } from '../../webhook/attacks/attack.ts'
import { attacksOn } from '../../webhook/attacks/corpus.ts'
import { patiently } from '../../webhook/attacks/patiently.ts'
import { runAttack } from '../../webhook/attacks/run-attack.ts'
import type { AttackResult, StepResult } from '../../webhook/attacks/run-attack.ts'
import { sendRaw } from '../../webhook/send-raw.ts'
import type { Scheme, Sender } from '../../webhook/sender.ts'

/** Prints what a scheme can be attacked with. */
export function listAttacks(scheme: Scheme, json: boolean): void {
  const attacks = attacksOn(scheme)
  STANDARD_OUTPUT.out(
    json
      ? JSON.stringify(
          attacks.map(({ name, description, expect, needs }) => ({
            name,
            description,
            expect,
            needs: needs?.what,
          })),
        )
      : table(
          attacks.map(({ name, description, expect, needs }) => [
            name,
            expectation(expect),
            description + (needs ? ` (needs ${needs.what})` : ''),
          ]),
        ),
  )
}

/**
 * Sends one attack, or all that are not slow, and prints how the receiver stood.
 *
 * @throws CliError `no` when an answer was not the right one
 */
export async function attackReceiver(name: string, sender: Sender, json: boolean): Promise<void> {
  const attacks = chosen(name, sender)
  const send = patiently(sendRaw, waitVisibly)
  const results: AttackResult[] = []
  for (const attack of attacks) {
    const result = await runAttack(attack, sender, send)
    results.push(result)
    STANDARD_OUTPUT.out(json ? JSON.stringify(result) : lines(result).join('\n'))
  }
  const failed = results.filter(({ isWithstood }) => !isWithstood)
  if (!json && results.length > 1)
    STANDARD_OUTPUT.out(`${results.length} attacks, ${failed.length} of them not answered as they should be`)
  if (failed.length > 0) throw new CliError(EXIT.no, '')
}

/** Beside the results, which a program may read. */
function waitVisibly(ms: number): Promise<void> {
  STANDARD_OUTPUT.err(`waiting ${ms / 1000} s: the receiver limits refused deliveries`)
  return sleep(ms)
}

function chosen(name: string, sender: Sender): readonly Attack[] {
  const attacks = attacksOn(sender.scheme)
  if (name === 'all') return attacks.filter(({ needs, isSlow }) => !isSlow && (needs?.holds(sender) ?? true))
  const attack = attacks.find((each) => each.name === name)
  if (!attack) {
    throw new CliError(
      EXIT.usage,
      `there is no attack ${name} on ${sender.scheme}; \`filter-ledger webhook send --scheme ${sender.scheme} --list-attacks\` prints them`,
    )
  }
  if (attack.needs?.holds(sender) === false)
    throw new CliError(EXIT.usage, `${name} needs ${attack.needs.what}`)
  return [attack]
}

function lines({ name, steps }: AttackResult): readonly string[] {
  return steps.map((step, i) => {
    const place = steps.length > 1 ? ` (${i + 1} of ${steps.length})` : ''
    const verdict = step.isAsExpected ? 'as it should' : `NOT as it should (${expectation(step.expected)})`
    return `${name}${place}: ${verdict}: ${described(step)}`
  })
}

function described({ answer, kind, ms }: StepResult): string {
  if (answer) return describeAnswer(answer)
  return kind === 'timeout'
    ? `no answer within ${Math.round(ms / 1000)} s`
    : 'the connection was closed without an answer'
}

function expectation({ status, problem }: ExpectedAnswer): string {
  return [String(status), problem ?? ''].join(' ').trim()
}
