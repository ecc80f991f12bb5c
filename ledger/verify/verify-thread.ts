// A thread of its own, started by verify-threads.ts: answers which parts of a ledger file are clean.
import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { prepareCleanRange } from './clean-range.ts'
import { FindingList } from './finding.ts'
import { checkIds, checkIndexes } from './verify-schema.ts'

export type Question =
  { readonly kind: 'range'; readonly from: number; readonly to: number } | { readonly kind: 'file' }

export type Answer =
  | {
      readonly kind: 'range'
      readonly leaves: Uint8Array
      readonly withEvidence: readonly { readonly index: number; readonly entry: Uint8Array }[]
    }
  | { readonly kind: 'file' }
  | { readonly kind: 'unclean' }

const connection = new Database(String(workerData), { readonly: true })
connection.pragma('query_only = ON')
const readClean = prepareCleanRange(connection)

function answer(question: Question): Answer {
  if (question.kind === 'range') {
    const range = readClean(question.from, question.to)
    return range ? { kind: 'range', ...range } : { kind: 'unclean' }
  }
  const findings = new FindingList()
  try {
    checkIndexes(connection, findings)
    checkIds(connection, findings)
  } catch {
    return { kind: 'unclean' }
  }
  return findings.count === 0 ? { kind: 'file' } : { kind: 'unclean' }
}

parentPort?.on('message', (question: Question) => parentPort?.postMessage(answer(question)))
