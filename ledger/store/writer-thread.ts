// A thread of its own, started by thread-writer.ts: the one writer of a ledger file. Whoever starts it holds the lock,
// and has checked the file.
import { parentPort, workerData } from 'node:worker_threads'
import { LedgerError } from '../ledger-error.ts'
import { signerOf } from '../note/note-signer.ts'
import { startLocalWriter } from './local-writer.ts'
import { openHead } from './open-head.ts'
import { toLedgerError } from './sqlite-error.ts'
import type { Writer } from './writer.ts'
import { decodeOrders, encodeOutcomes, sentError } from './writer-messages.ts'
import type { SentError, ThreadData, WriterAnswer, WriterRequest } from './writer-messages.ts'
import { openWritingConnection } from './writing-connection.ts'

const answer = (message: WriterAnswer): void => parentPort?.postMessage(message)

function start({ file, busyTimeoutMs, environment, signer: parts }: ThreadData): Writer {
  const signer = signerOf(parts)
  const connection = openWritingConnection(file, busyTimeoutMs)
  const close = (): Promise<void> => {
    connection.close()
    return Promise.resolve()
  }
  try {
    const tree = openHead(connection, signer.key)
    return startLocalWriter({ connection, tree, signer, environment, close })
  } catch (error) {
    connection.close()
    throw error
  }
}

function carryOut(writer: Writer, request: WriterRequest): void {
  if (request.kind === 'append') decodeOrders(request).forEach(writer.push)
  else if (request.kind === 'cosignature') void addCosignature(writer, request)
  else if (request.kind === 'probe') probe(writer, request.at)
  // The port is what keeps the thread: without it, it ends.
  else void writer.close().then(() => parentPort?.close())
}

async function addCosignature(
  writer: Writer,
  { size, signature }: Extract<WriterRequest, { readonly kind: 'cosignature' }>,
): Promise<void> {
  const whole = { ...signature, signature: Buffer.from(signature.signature) }
  const error = await writer.addCosignature(size, whole).then(() => undefined, errorOf)
  answer({ kind: 'done', error })
}

function probe(writer: Writer, at: Date): void {
  try {
    writer.probe(at, (error) => answer({ kind: 'done', error: error && sentError(error) }))
  } catch (error) {
    answer({ kind: 'done', error: errorOf(error) })
  }
}

function errorOf(error: unknown): SentError {
  const failure = toLedgerError(error)
  if (failure instanceof LedgerError) return sentError(failure)
  const reason = error instanceof Error ? error.message : String(error)
  return { code: 'ledger-unavailable', message: `the ledger file cannot be written to: ${reason}` }
}

try {
  const writer = start(workerData as ThreadData)
  writer.onOutcomes((outcomes, state) => {
    answer({
      kind: 'outcomes',
      text: encodeOutcomes(outcomes),
      state: state instanceof LedgerError ? sentError(state) : state,
    })
  })
  parentPort?.on('message', (request: WriterRequest) => carryOut(writer, request))
  answer({ kind: 'ready' })
} catch (error) {
  answer({ kind: 'failed', error: errorOf(error) })
}
