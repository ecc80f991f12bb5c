import { BundleError } from '../bundle-error.ts'
import type { BundleErrorCode } from '../bundle-error.ts'
import { validateValue } from '../contract/validate-value.ts'
import type { ValueProblem } from '../contract/validate-value.ts'
import type { DataAction, JsonMembers, JsonValue } from '../definition/data-action.ts'
import { bindOutputs } from '../mapping/flatten.ts'
import type { BoundOutput } from '../mapping/flatten.ts'
import { failureOutputs, refusalOutputs } from './explain-refusal.ts'
import { fetchToken, SAMPLE_TOKEN } from './fetch-token.ts'
import { renderRequest } from './render-request.ts'
import { readAnswer, renderResult } from './render-result.ts'
import type { FlatOutputs, RawAnswer, RenderedRequest, RunReport } from './run-report.ts'
import { newTrail } from './run-trail.ts'
import type { RunTrail } from './run-trail.ts'

/** What came back; `timeout`: nothing, in the time that the platform waits. */
export type Sent = RawAnswer | 'timeout'

export interface RunDeps {
  /**
   * Sends a request and reads the whole answer.
   *
   * @throws BundleError `unreachable` when there is none
   */
  readonly send: (request: RenderedRequest) => Promise<Sent>
  /** Is told each token that was fetched: a secret, which may stand anywhere in what the report shows. */
  readonly onToken?: (token: JsonMembers) => void
}

export interface RunRequest {
  readonly action: DataAction
  /** How a token is fetched, for an action that uses `${authResponse…}`. */
  readonly authAction: DataAction | undefined
  readonly input: JsonMembers
  readonly credentials: Readonly<Record<string, string>>
  /** What a URL without a host is relative to. */
  readonly apiUrl: string | undefined
  readonly correlationId: string
}

/**
 * Does with a data action what the platform does: checks the input, renders the request, sends it, maps the answer, checks
 * the result, flattens it. Whatever goes wrong is a report: the step, and what a flow would see.
 */
export async function runAction(request: RunRequest, deps: RunDeps): Promise<RunReport> {
  return reporting(request, async (trail) => {
    checkInput(request, trail)
    const answer = await exchange(request, deps, trail)
    return answer === 'timeout' ? { path: 'timeout', steps: trail.steps } : mapAnswer(request, answer, trail)
  })
}

/** As {@link runAction} up to the request: nothing is sent, and a token is a made-up one. */
export async function renderAction(request: RunRequest): Promise<RunReport> {
  return reporting(request, (trail) => {
    checkInput(request, trail)
    const authResponse = request.authAction && SAMPLE_TOKEN
    return Promise.resolve({
      path: 'dry-run',
      steps: trail.steps,
      request: rendered(request, authResponse, trail),
    })
  })
}

/** As {@link runAction} from the answer on: one that came by another way, from a file, say. */
export async function mapGivenAnswer(request: RunRequest, answer: RawAnswer): Promise<RunReport> {
  return reporting(request, (trail) => Promise.resolve(mapAnswer(request, answer, trail)))
}

/** What a flow sees of a run that an error ended: the status is the platform's own, since no service answered. */
const STATUSES: Readonly<Partial<Record<BundleErrorCode, readonly [status: number, code: string]>>> = {
  'input-invalid': [400, 'bad.request'],
  'request-invalid': [400, 'bad.request'],
  unreachable: [504, 'request.timeout'],
}

async function reporting(
  { correlationId }: RunRequest,
  run: (trail: RunTrail) => Promise<RunReport>,
): Promise<RunReport> {
  const trail = newTrail()
  try {
    return await run(trail)
  } catch (error) {
    if (!(error instanceof BundleError)) throw error
    const [status, code] = STATUSES[error.code] ?? [500, 'internal.server.error']
    const { message, field } = error
    const outputs = failureOutputs({
      correlationId,
      message,
      status,
      code,
      ...(field !== undefined && { field }),
    })
    return { path: 'failure', steps: trail.steps, outputs }
  }
}

const INPUT_SCHEMA = 'contract.input.inputSchema'
const SUCCESS_SCHEMA = 'contract.output.successSchema'

function checkInput({ action, input }: RunRequest, trail: RunTrail): void {
  trail.step(
    'check the input',
    () =>
      requireValid('input-invalid', validateValue(action.contract.input.inputSchema, input, INPUT_SCHEMA)),
    () => input,
  )
}

/** With an auth action a 401 is taken for a token that is stale: another is fetched, and the same sent again, once. */
async function exchange(request: RunRequest, deps: RunDeps, trail: RunTrail): Promise<Sent> {
  const first = await sendOnce(request, deps, trail)
  return first !== 'timeout' && first.status === 401 && request.authAction !== undefined
    ? sendOnce(request, deps, trail)
    : first
}

async function sendOnce(request: RunRequest, deps: RunDeps, trail: RunTrail): Promise<Sent> {
  const token =
    request.authAction && (await fetchToken({ ...request, authAction: request.authAction }, deps, trail))
  if (token === 'timeout') return 'timeout'
  const outgoing = rendered(request, token, trail)
  return trail.asyncStep('send it', () => deps.send(outgoing), shownAnswer)
}

function rendered(
  request: RunRequest,
  authResponse: JsonMembers | undefined,
  trail: RunTrail,
): RenderedRequest {
  return trail.step(
    'render the request',
    () => renderRequest(request.action.config.request, { ...request, authResponse }),
    shownRequest,
  )
}

function mapAnswer(request: RunRequest, answer: RawAnswer, trail: RunTrail): RunReport {
  const { steps } = trail
  if (answer.status < 200 || answer.status > 299)
    return { path: 'failure', steps, outputs: refusalOutputs(answer, request.correlationId) }
  const { config, contract } = request.action
  const { successSchema } = contract.output
  const value = trail.step('read the answer', () => readAnswer(answer.body), nothing)
  const result = renderResult(config.response, value, trail)
  trail.step(
    'check the result',
    () => requireValid('result-invalid', validateValue(successSchema, result, SUCCESS_SCHEMA)),
    nothing,
  )
  const { outputs, undeclared } = trail.step(
    'flatten the result',
    () => bindOutputs(result, successSchema),
    ({ outputs: bound, undeclared: unbound }) => ({ outputs: bindable(bound), undeclared: unbound }),
  )
  return { path: 'success', steps, outputs: bindable(outputs), undeclared }
}

const WORDS = {
  'input-invalid': 'the input breaks the contract',
  'result-invalid': 'the result breaks the output contract',
} as const

/** @throws BundleError that tells every problem, and names the first field */
function requireValid(code: keyof typeof WORDS, problems: readonly ValueProblem[]): void {
  const [first] = problems
  if (!first) return
  const told = problems.map(({ message }) => message).join('; ')
  throw new BundleError(code, `${WORDS[code]}: ${told}`, { field: first.path.join('.') })
}

/** What a flow can bind, by name; null: the result has not this output. */
function bindable(outputs: readonly BoundOutput[]): FlatOutputs {
  return Object.fromEntries(outputs.map(({ name, value }) => [name, value ?? null]))
}

/** For a step whose result the next one shows. */
function nothing(): null {
  return null
}

function shownRequest({ method, url, headers, body }: RenderedRequest): JsonValue {
  return { method, url, headers, body: body ?? null }
}

/** What says how the answer is to be read, or whom to ask about it. The others are the server's own affair. */
const SHOWN_HEADERS: ReadonlySet<string> = new Set([
  'content-type',
  'location',
  'retry-after',
  'www-authenticate',
  'x-request-id',
  'inin-correlation-id',
])

function shownAnswer(answer: Sent): JsonValue {
  if (answer === 'timeout') return 'no answer in time'
  const headers = Object.entries(answer.headers).filter(([name]) => SHOWN_HEADERS.has(name))
  return { ...answer, headers: Object.fromEntries(headers) }
}
