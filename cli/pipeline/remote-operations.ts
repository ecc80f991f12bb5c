import { asRecord } from '../../ledger/entry/as-record.ts'
import type { ApplyReport } from '../../actions/pipeline/apply-plan.ts'
import type { DeployOutcome } from '../../actions/pipeline/deploy-outcome.ts'
import type { Requester } from '../../actions/pipeline/deployment-entries.ts'
import type { PipelineOperations } from '../../actions/pipeline/operations.ts'
import type { SetPlan } from '../../actions/pipeline/set-plan.ts'
import type { PromotionOutcome } from '../../actions/promotion/promote-filter.ts'
import type { ReconcileReport } from '../../actions/reconcile/reconcile.ts'
import { CliError, EXIT } from '../exit.ts'

export interface RemoteOptions {
  readonly receiver: URL
  readonly token: string
  readonly fetch: typeof fetch
}

/** Longer than a receiver is ever silent: it gives a sign of life every ten seconds. */
const SILENCE_MS = 60_000
/** A plan of a thousand filters, and then some. */
const MAX_LINE = 32 * 1024 * 1024

/**
 * The operations of a running receiver. What it answers is taken at its word: whoever names a receiver and gives it a
 * token trusts it.
 *
 * All reject with CliError: unreachable, or the receiver's refusal in its own words.
 */
export function remoteOperations(options: RemoteOptions): PipelineOperations {
  const ask = (name: string, body: object, onProgress?: (progress: unknown) => void): Promise<unknown> =>
    askReceiver(options, name, body, onProgress)
  return {
    plan: async ({ specs, prune }) => (await ask('plan', { filters: specs, prune })) as SetPlan,
    apply: async (plan, { requester, onProgress }) => {
      const tell = (progress: unknown): void => {
        const { done, total, outcome } = asRecord(progress)
        if (typeof done === 'number' && typeof total === 'number')
          onProgress?.(done, total, outcome as DeployOutcome)
      }
      return (await ask('apply', { plan, ...metaOf(requester) }, tell)) as ApplyReport
    },
    change: async (change, requester) =>
      (await ask('change', { ...change, ...metaOf(requester) })) as DeployOutcome,
    reconcile: async (request, requester) =>
      (await ask('reconcile', { ...request, ...metaOf(requester) })) as ReconcileReport,
    rollback: async (rollback, requester) =>
      (await ask('rollback', { ...rollback, ...metaOf(requester) })) as DeployOutcome,
    promote: async (promotion, requester) =>
      (await ask('promote', { ...promotion, ...metaOf(requester) })) as PromotionOutcome,
  }
}

/** Who acts is the token's subject; the rest goes along. */
function metaOf({ reason, ticketRef, actor: { onBehalfOf } }: Requester): object {
  return { reason, ticketRef, onBehalfOf }
}

async function askReceiver(
  { receiver, token, fetch }: RemoteOptions,
  name: string,
  body: object,
  onProgress?: (progress: unknown) => void,
): Promise<unknown> {
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), SILENCE_MS)
  const alive = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), SILENCE_MS)
  }
  try {
    const response = await fetch(new URL(`pipeline/${name}`, withSlash(receiver)), {
      method: 'POST',
      redirect: 'error',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/x-ndjson',
      },
      body: JSON.stringify(body),
      signal: silence.signal,
    })
    if (response.status !== 200) throw await refusal(response)
    return await lastOf(response, alive, onProgress)
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(
      EXIT.unreachable,
      `the receiver at ${receiver.origin} could not be reached, or hung up: what it had begun it may have finished`,
      { cause: error },
    )
  } finally {
    clearTimeout(timer)
  }
}

/** Reads the lines of an answer; the last holds the result. */
async function lastOf(
  response: Response,
  alive: () => void,
  onProgress?: (progress: unknown) => void,
): Promise<unknown> {
  for await (const line of linesOf(response, alive)) {
    const { result, problem, progress } = asRecord(JSON.parse(line))
    if (result !== undefined) return result
    if (problem !== undefined) throw problemError(problem)
    if (progress !== undefined) onProgress?.(progress)
  }
  throw new TypeError('the answer ended before its result')
}

async function* linesOf({ body }: Response, alive: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body ?? []) {
    alive()
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    if (text.length > MAX_LINE) throw new TypeError('the answer is too large')
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    yield* lines.filter((line) => line !== '')
  }
}

async function refusal(response: Response): Promise<CliError> {
  const text = await response.text().catch(() => '')
  try {
    return problemError(JSON.parse(text))
  } catch {
    const code = response.status >= 500 ? EXIT.unreachable : EXIT.no
    return new CliError(code, `the receiver answered ${response.status}, and not as a receiver of ours does`)
  }
}

function problemError(problem: unknown): CliError {
  const { status, title, detail } = asRecord(problem)
  const code = typeof status === 'number' && status >= 500 ? EXIT.unreachable : EXIT.no
  return new CliError(code, `the receiver answered ${String(status)}: ${String(title)}: ${String(detail)}`)
}

function withSlash(url: URL): URL {
  return url.href.endsWith('/') ? url : new URL(`${url.href}/`)
}
