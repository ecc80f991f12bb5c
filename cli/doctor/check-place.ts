import { statSync } from 'node:fs'
import { loadKeys } from '../keys-folder.ts'
import type { CheckpointKeySource } from '../checkpoint-key.ts'
import { fail, ok, warn } from './line.ts'
import type { Finding } from './line.ts'

const GIB = 2 ** 30
const LOW_BYTES = GIB
/** Below it, a commit of the largest batch may not fit beside SQLite's log. */
const OUT_OF_BYTES = GIB / 10

/** Every problem that `serve` would stop at, a line each. */
export function checkSettings(problems: readonly string[]): readonly Finding[] {
  if (problems.length === 0) return [ok('`serve` would start with them')]
  const advice = '`filter-ledger serve --help` lists every setting'
  return problems.map((problem, i) => fail(problem, i === problems.length - 1 ? advice : undefined))
}

/** @param minimum as in `engines` of package.json: `>=20.19` */
export function checkNode(version: string, minimum: string): Finding {
  const [have, need] = [version, minimum].map((text) => text.replace(/^\D+/, '').split('.').map(Number))
  const [major = 0, minor = 0] = have ?? []
  const [needMajor = 0, needMinor = 0] = need ?? []
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return ok(version)
  return fail(`${version} is too old`, `install Node.js ${minimum}`)
}

/** Whether all keys are there, can be read by their owner alone, and are keys. */
export async function checkKeys(folder: string, checkpointKey: CheckpointKeySource): Promise<Finding> {
  const { signer } = await loadKeys(folder, checkpointKey)
  const isOpen = process.platform !== 'win32' && (statSync(folder).mode & 0o077) !== 0
  if (isOpen) return warn(`${folder} is open to other users of this machine`, `\`chmod 700 ${folder}\``)
  return ok(`${folder}: complete; checkpoints are signed as ${signer.key.name}`)
}

/** @param freeBytes of the disk that a path is on */
export function checkDisk(folder: string, freeBytes: (path: string) => number): Finding {
  const bytes = freeBytes(folder)
  const free = `${(bytes / GIB).toFixed(1)} GiB are free at ${folder}`
  if (bytes < OUT_OF_BYTES) return fail(free, 'make room: on a full disk the ledger takes no entries')
  return bytes < LOW_BYTES ? warn(free, 'make room, or move old entries with `ledger archive`') : ok(free)
}
