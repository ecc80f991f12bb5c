import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * True for a folder that `ledger export` made. It has a checkpoint and tiles as a published log has, but what it
 * says about its rows is for `verify-export`.
 */
export function isExport(folder: string): boolean {
  return holds(folder, 'export.csv') || holds(folder, 'export.ndjson') || holds(folder, 'manifest.json')
}

/** True for a folder that `ledger publish` made. An export that lost its rows still has its verifier. */
export function isPublishedLog(folder: string): boolean {
  const isLog = holds(folder, 'checkpoint') && holds(folder, 'tile')
  return isLog && !isExport(folder) && !holds(folder, 'verify.mjs')
}

function holds(folder: string, name: string): boolean {
  return existsSync(join(folder, name))
}
