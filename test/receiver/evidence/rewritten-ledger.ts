import { join } from 'node:path'
import type { Entry, EntryDraft, ErasableBody, JsonObject, Submission } from '../../../ledger/entry/entry.ts'
import { openReader } from '../../../ledger/store/entry-reader.ts'
import { MIGRATIONS } from '../../../migrations/migrations.ts'
import { openTempLedger, tempFolder } from '../../support/temp-ledger.ts'

/** What stands in a ledger file, as it could be appended again. */
export async function submissionsOf(file: string): Promise<readonly Submission[]> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    const bodies = reader.connection.prepare<[number], { name: string; salt: Buffer; body: Buffer }>(
      'SELECT name, salt, body FROM bodies WHERE idx = ? ORDER BY name',
    )
    return reader.page(0, 10_000).map(({ index, text }) => ({
      entry: draftOf(JSON.parse(text) as Entry),
      bodies: bodies.all(index).map(({ name, salt, body }) => ({ name, salt, bytes: body })),
    }))
  } finally {
    await reader.close()
  }
}

/**
 * A new ledger with these submissions, all commitments and signatures of its own in order: what somebody makes who has
 * the file and the checkpoint key.
 */
export async function rewrittenLedger(submissions: readonly Submission[]): Promise<string> {
  const file = join(tempFolder(), 'ledger.db')
  const ledger = await openTempLedger({ file })
  for (const submission of submissions) await ledger.append(submission)
  await ledger.close()
  return file
}

/** A submission with other evidence. */
export function withEvidence(submission: Submission | undefined, changes: JsonObject): Submission {
  if (!submission) throw new TypeError('no such submission')
  const { entry } = submission
  return { ...submission, entry: { ...entry, evidence: { ...entry.evidence, ...changes } } }
}

/** A submission with bodies of another one. */
export function withBodies(
  submission: Submission | undefined,
  other: Submission | undefined,
  names: readonly string[],
): Submission {
  if (!submission) throw new TypeError('no such submission')
  const from = (one: Submission | undefined, taken: boolean): readonly ErasableBody[] =>
    (one?.bodies ?? []).filter(({ name }) => names.includes(name) === taken)
  return { ...submission, bodies: [...from(submission, false), ...from(other, true)] }
}

function draftOf(entry: Entry): EntryDraft {
  const { evidence, ...draft } = without(entry, ['v', 'id', 'recordedAt'])
  const own = without(evidence ?? {}, ['commitments', 'delivery'])
  return { ...draft, ...(Object.keys(own).length > 0 && { evidence: own }) }
}

function without<T extends object, K extends keyof T>(object: T, names: readonly K[]): Omit<T, K> {
  const kept = Object.entries(object).filter(([name]) => !names.some((left) => left === name))
  return Object.fromEntries(kept) as Omit<T, K>
}
