import type { Entry } from '../entry/entry.ts'
import { historyOf } from './filter-history.ts'
import type { Revision } from './filter-history.ts'
import { filterIdOf, recordOf } from './filter-records.ts'
import type { PlacedEntry } from './filter-telling.ts'

/** One filter from its making to its removal. Its name may be another's before and after. */
export interface FilterLife {
  readonly filterId: string
  /** As it is called last. */
  readonly name: string
  /** The name that was asked for, when that was taken and it was made as a version of it (`guard` for `guard-v2`). */
  readonly versionOf?: string
  /** Never empty. */
  readonly revisions: readonly Revision[]
}

export interface FilterLives {
  /** Feeds one entry. Never throws. */
  readonly apply: (entry: Entry, index: number) => void
  /** In the order in which the ledger heard of them. */
  readonly lives: () => readonly FilterLife[]
}

/** Folds what the ledger has into the whole history of each filter. It keeps the entries: for short commands. */
export function filterLives(): FilterLives {
  const entriesOf = new Map<string, PlacedEntry[]>()
  const askedNames = new Map<string, string>()
  return {
    apply: (entry, index) => {
      const { deploymentId, onConflict } = entry.data
      const { name } = entry.entity
      if (entry.type === 'deployment.requested') {
        if (typeof deploymentId === 'string' && onConflict === 'version' && name !== undefined)
          askedNames.set(deploymentId, name)
        return
      }
      const filterId = filterIdOf(entry)
      if (filterId === undefined || !recordOf(entry, index)) return
      const known = entriesOf.get(filterId)
      if (known) known.push({ entry, index })
      else entriesOf.set(filterId, [{ entry, index }])
    },
    lives: () =>
      [...entriesOf].map(([filterId, entries]) => lifeOf(filterId, historyOf(entries), askedNames)),
  }
}

function lifeOf(
  filterId: string,
  revisions: readonly Revision[],
  askedNames: ReadonlyMap<string, string>,
): FilterLife {
  const name = revisions.at(-1)?.name ?? ''
  const [first] = revisions
  const asked = askedNames.get(first?.deploymentId ?? '')
  const isVersion = asked !== undefined && asked !== first?.name
  return { filterId, name, ...(isVersion && { versionOf: asked }), revisions }
}

/** The lives that somebody means by an id, or by a name that they have or ever had. */
export function livesOf(lives: readonly FilterLife[], nameOrId: string): readonly FilterLife[] {
  const byId = lives.filter(({ filterId }) => filterId === nameOrId)
  if (byId.length > 0) return byId
  return lives.filter(({ revisions }) => revisions.some(({ name }) => isSameName(name, nameOrId)))
}

/** The lives that were made as versions of a name. */
export function versionsOf(lives: readonly FilterLife[], asked: string): readonly FilterLife[] {
  return lives.filter(({ versionOf }) => versionOf !== undefined && isSameName(versionOf, asked))
}

/** Names as the filter API compares them. */
export function isSameName(a: string, b: string): boolean {
  return a.normalize('NFC').trim() === b.normalize('NFC').trim()
}
