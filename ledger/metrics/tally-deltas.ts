import type Database from 'better-sqlite3'
import { ACTIONS_TAKEN } from './words.ts'

/** The columns of `tallies` that are counted. */
export const TALLY_COLUMNS = [
  'evaluations',
  ...ACTIONS_TAKEN,
  'sampled',
  'sampled_reviewed',
  'tp',
  'fp',
  'unclear',
  'shadow_tp',
  'shadow_fp',
  'shadow_unclear',
  'fn',
  'tn',
  'pass_unclear',
  'w_tp',
  'w_fp',
  'w2',
  'shadow_w_tp',
  'shadow_w_fp',
  'shadow_w2',
  'w_fn',
  'w2_fn',
  'w_tn',
  'w2_tn',
  'w2_tp',
  'w2_fp',
] as const
export type TallyColumn = (typeof TALLY_COLUMNS)[number]

/** Of the parts of a tally's key. */
export const GRAINS = { all: 0, day: 1, hour: 2 } as const

/** How long a period is, in milliseconds. */
export const GRAIN_MS = { day: 86_400_000, hour: 3_600_000 } as const

/** What is counted together: one filter version and category at one time. */
export interface TallyPlace {
  readonly filter: number
  readonly version: number
  readonly category: string
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface TallyDeltas {
  /** Adds to all periods that hold the moment; without `hour`, to the day and to all alone. */
  readonly add: (place: TallyPlace, changes: Partial<Record<TallyColumn, number>>, hour?: boolean) => void
  /** Writes the sums: one statement a row, however many facts were added to it. */
  readonly flush: () => void
  readonly reset: () => void
}

/** Columns that nothing was added to are missing. */
type Sums = Partial<Record<TallyColumn, number>>

interface Row {
  readonly grain: number
  readonly start: number
  readonly place: TallyPlace
  sums: Sums
}

/** Gathers what a transaction counts. */
export function prepareTallyDeltas(connection: Database.Database): TallyDeltas {
  const rows = new Map<string, Row>()
  // The rows that facts of one hour go to: most facts of a commit are of few.
  const touchedTogether = new Map<string, readonly Row[]>()
  const write = prepareUpserts(connection)

  const rowOf = (grain: number, start: number, place: TallyPlace): Row => {
    const key = `${grain} ${start} ${place.filter} ${place.version} ${place.category}`
    const known = rows.get(key)
    if (known) return known
    const fresh = { grain, start, place, sums: {} }
    rows.set(key, fresh)
    return fresh
  }
  const touchedBy = (place: TallyPlace, hour: boolean): readonly Row[] => {
    const { filter, version, category, at } = place
    const key = `${filter} ${version} ${startOf(at, GRAIN_MS.hour)} ${hour} ${category}`
    const known = touchedTogether.get(key)
    if (known) return known
    const touched = [
      rowOf(GRAINS.all, 0, place),
      rowOf(GRAINS.day, startOf(at, GRAIN_MS.day), place),
      ...(hour ? [rowOf(GRAINS.hour, startOf(at, GRAIN_MS.hour), place)] : []),
    ]
    touchedTogether.set(key, touched)
    return touched
  }
  // Beyond 2^53 additions are rounded here, and not in the database.
  const carry = (row: Row, name: TallyColumn, change: number): void => {
    write(row)
    row.sums = { [name]: change }
  }
  const reset = (): void => {
    rows.clear()
    touchedTogether.clear()
  }

  return {
    add: (place, changes, hour = true) => {
      const touched = touchedBy(place, hour)
      for (const name of Object.keys(changes) as TallyColumn[])
        for (const row of touched) {
          const sum = (row.sums[name] ?? 0) + (changes[name] ?? 0)
          if (Number.isSafeInteger(sum)) row.sums[name] = sum
          else carry(row, name, changes[name] ?? 0)
        }
    },
    flush: () => {
      for (const row of rows.values()) write(row)
      reset()
    },
    reset,
  }
}

/** A statement for each set of columns that is added to: there are few, and each binds what it needs alone. */
function prepareUpserts(connection: Database.Database): (row: Row) => void {
  const statements = new Map<string, Database.Statement>()
  const statementFor = (columns: string): Database.Statement => {
    const known = statements.get(columns)
    if (known) return known
    const names = columns.split(',')
    const made = connection.prepare(
      `INSERT INTO tallies (grain, start, filter, version, category, ${columns})
       VALUES (?, ?, ?, ?, ?, ${names.map(() => '?').join(', ')})
       ON CONFLICT (grain, start, filter, version, category)
       DO UPDATE SET ${names.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`,
    )
    statements.set(columns, made)
    return made
  }
  return ({ grain, start, place, sums }) => {
    const { filter, version, category } = place
    const columns = Object.keys(sums).join()
    if (columns !== '')
      statementFor(columns).run(grain, start, filter, version, category, ...Object.values(sums))
  }
}

function startOf(at: number, length: number): number {
  return Math.floor(at / length) * length
}
