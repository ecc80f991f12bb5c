import type { DeployOutcome } from '../../../actions/pipeline/deploy-outcome.ts'
import { exitOf, outcomeText, requireDone } from '../../../cli/pipeline/print-outcome.ts'
import { CliError } from '../../../cli/exit.ts'

function outcome(changes: Partial<DeployOutcome> = {}): DeployOutcome {
  return {
    status: 'registered',
    deploymentId: 'd-1',
    filterId: 'f-1',
    filterName: 'guard',
    priority: 20,
    webhookId: '',
    latencyMs: 3,
    errorCode: '',
    message: '',
    violations: [],
    entryId: 'e-1',
    entryIndex: 7,
    duplicate: false,
    ...changes,
  }
}

describe('the outcome of a deployment, in words', () => {
  test.each<[Partial<DeployOutcome>, string]>([
    [{}, 'registered: guard (f-1), priority 20 [entry 7]'],
    [{ message: 'as it was' }, 'registered: guard (f-1), priority 20: as it was [entry 7]'],
    [{ priority: 0 }, 'registered: guard (f-1) [entry 7]'],
    [{ status: 'removed' }, 'removed: guard (f-1) [entry 7]'],
    [{ status: 'failed', filterId: '', message: 'it is away' }, 'failed: guard: it is away [entry 7]'],
    [
      { status: 'rejected', violations: ['name: too short', 'priority: too low'] },
      'rejected: 2 violation(s)\n  name: too short\n  priority: too low',
    ],
  ])('%j is told as %j', (changes, text) => {
    expect(outcomeText(outcome(changes))).toBe(text)
  })

  test('holds no control character of what the other side chose', () => {
    const evil = 'a\u001b[2J\nb\u202e'
    const told = outcomeText(outcome({ filterName: evil, filterId: evil, message: evil }))
    expect(told).toBe('registered: a?[2J?b? (a?[2J?b?), priority 20: a?[2J?b? [entry 7]')
    expect(outcomeText(outcome({ violations: [evil] }))).toBe('registered: 1 violation(s)\n  a?[2J?b?')
  })
})

describe('the exit code of an outcome', () => {
  test.each(['registered', 'unchanged', 'removed'] as const)('%s is done', (status) => {
    expect(() => requireDone(outcome({ status }))).not.toThrow()
  })

  test.each<[DeployOutcome['status'], string, 1 | 3]>([
    ['rejected', 'input_invalid', 1],
    ['conflict', 'not_owned', 1],
    ['stranded', 'genesys_refused', 1],
    ['failed', 'genesys_network', 3],
    ['failed', 'genesys_timeout', 3],
    ['compensated', 'genesys_server', 3],
    ['failed', 'genesys_rate_limited', 3],
  ])('%s for %s is %i, so that a script knows whether to try again', (status, errorCode, code) => {
    expect(exitOf(errorCode)).toBe(code)
    expect(() => requireDone({ status, errorCode })).toThrow(new CliError(code, ''))
    expect(() => requireDone({ status, errorCode })).toThrow(expect.objectContaining({ code, message: '' }))
  })
})
