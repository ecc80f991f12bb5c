import { Worker } from 'node:worker_threads'
import { LedgerError } from '../ledger-error.ts'
import { signerParts } from '../note/note-signer.ts'
import type { NoteSigner } from '../note/note-signer.ts'
import type { AppendOrder, OnOutcomes, Writer } from './writer.ts'
import { decodeOutcomes, encodeOrder, packBodies, receivedError } from './writer-messages.ts'
import type { ThreadData, WriterAnswer, WriterRequest } from './writer-messages.ts'

export interface ThreadWriterOptions {
  /** The built `writer-thread.js`: a thread runs no TypeScript. */
  readonly script: URL
  readonly file: string
  readonly busyTimeoutMs: number
  readonly environment: string
  readonly signer: NoteSigner
}

/** Orders that go out without waiting for the end of the turn: the thread begins while this one still receives. */
const POST_AT = 16

/**
 * The writer in a thread of its own: sealing, inserting, signing and fsync cost this one's event loop nothing. What is
 * pushed in one turn goes over in few messages; what has gathered in the thread's port becomes one commit there.
 *
 * A thread that ends takes nothing any more: every order without an outcome fails, with an error that says "again".
 *
 * @throws LedgerError as opening the file does
 */
export async function startThreadWriter(options: ThreadWriterOptions): Promise<Writer> {
  const { script, environment, signer, ...rest } = options
  const workerData: ThreadData = { ...rest, environment, signer: signerParts(signer) }
  const worker = new Worker(script, { workerData })
  // Owned by this function alone. Orders without an outcome, the oldest first; of them, the last ones are not posted yet.
  const underWay: AppendOrder[] = []
  let texts: string[] = []
  const asked: ((error: LedgerError | undefined) => void)[] = []
  let lost: LedgerError | undefined
  let tell: OnOutcomes = () => undefined
  let scheduled = false

  const post = (): void => {
    scheduled = false
    if (texts.length === 0 || lost) return
    const orders = underWay.slice(-texts.length)
    const next = orders.at(-1)?.nextSigner
    const bytes = packBodies(orders)
    const request: WriterRequest = { kind: 'append', texts, bytes, nextSigner: next && signerParts(next) }
    texts = []
    worker.postMessage(request, [bytes])
  }

  const ask = (request: WriterRequest, told: (error: LedgerError | undefined) => void): void => {
    if (lost) {
      told(lost)
      return
    }
    asked.push(told)
    worker.postMessage(request)
  }

  const onAnswer = (answer: WriterAnswer): void => {
    if (answer.kind === 'outcomes') {
      const outcomes = decodeOutcomes(answer.text, underWay, environment)
      underWay.splice(0, outcomes.length)
      tell(outcomes, typeof answer.state === 'string' ? answer.state : receivedError(answer.state))
    } else if (answer.kind === 'done') asked.shift()?.(answer.error && receivedError(answer.error))
  }

  const giveUp = (cause: unknown): void => {
    if (lost) return
    const failure = endedError(cause)
    lost = failure
    for (const told of asked.splice(0)) told(failure)
    const orders = underWay.splice(0)
    if (orders.length > 0)
      tell(
        orders.map(() => failure),
        failure,
      )
  }

  worker.on('error', giveUp)
  worker.on('messageerror', giveUp)
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      giveUp(new Error(`it ended with ${code}`))
      resolve()
    })
  })
  await started(worker, ended, () => lost)
  worker.on('message', onAnswer)

  return {
    push: (order) => {
      if (lost) throw lost
      texts.push(encodeOrder(order))
      underWay.push(order)
      // The next signer belongs to the last order of its message.
      if (texts.length >= POST_AT || order.nextSigner) post()
      else if (!scheduled) {
        scheduled = true
        setImmediate(post)
      }
    },
    onOutcomes: (listener) => (tell = listener),
    addCosignature: (size, signature) =>
      new Promise((resolve, reject) => {
        ask({ kind: 'cosignature', size, signature }, (error) => (error ? reject(error) : resolve()))
      }),
    probe: (at, told) => ask({ kind: 'probe', at }, told),
    lost: () => lost,
    close: () => {
      if (!lost) worker.postMessage({ kind: 'close' } satisfies WriterRequest)
      return ended
    },
  }
}

/** @throws LedgerError when the thread cannot open the file, or ends before it could */
async function started(
  worker: Worker,
  ended: Promise<void>,
  lost: () => LedgerError | undefined,
): Promise<void> {
  const first = new Promise<WriterAnswer>((resolve) => worker.once('message', resolve))
  const answer = await Promise.race([first, ended])
  if (answer?.kind === 'ready') return
  await worker.terminate()
  throw answer?.kind === 'failed' ? receivedError(answer.error) : (lost() ?? endedError(undefined))
}

function endedError(cause: unknown): LedgerError {
  return new LedgerError(
    'ledger-unavailable',
    'the thread that writes the ledger has ended: what it had not answered may be stored or not. Start this program anew; a delivery that comes again is stored once',
    { cause },
  )
}
