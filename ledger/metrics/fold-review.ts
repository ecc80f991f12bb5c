import type Database from 'better-sqlite3'
import type { Entry } from '../entry/entry.ts'
import { isOneOf } from '../entry/is-one-of.ts'
import { noteCrossing } from './filter-rows.ts'
import type { FilterRow, FilterRows } from './filter-rows.ts'
import { awaitedOf } from './awaited.ts'
import type { Labelled } from './awaited.ts'
import { QUEUED } from './fold-decision.ts'
import type { TallyColumn, TallyDeltas } from './tally-deltas.ts'
import { fitsSide, labelOf, REVIEW_ROLES, sideOf, VERDICTS } from './words.ts'
import type { ActionTaken, Label, ReviewRole, Side, Verdict } from './words.ts'

interface DecisionRow {
  readonly idx: number
  readonly filter: number
  readonly version: number
  readonly category: string
  readonly action: ActionTaken
  readonly occurred_at: string
  readonly sender_rate: number
  readonly plan_rate: number
  readonly sampled: number
  readonly for_alarm: number
  readonly for_second: number
}

interface ReviewRow {
  readonly outcome: Verdict
  readonly label: Label
  readonly first_label: Label
  readonly reviewer: string
  readonly second_label: Label | null
  readonly adjudicated_idx: number | null
}

interface Found {
  readonly decision: DecisionRow
  readonly side: Side
  readonly verdict: Verdict
  readonly role: ReviewRole
  readonly reviewer: string
  readonly at: number
  readonly index: number
  readonly before: ReviewRow | undefined
}

/** Folds `block.reviewed`. A verdict that does not fit what it is about counts nowhere; it stays in the ledger. */
export function prepareFoldReview(
  connection: Database.Database,
  rows: FilterRows,
  tallies: TallyDeltas,
): (entry: Entry, index: number) => void {
  const find = prepareFind(connection)
  const statements = prepareStatements(connection)

  const enqueue = (decision: DecisionRow, labelled: Labelled): void => {
    const { action, sampled, for_second } = decision
    const awaits = awaitedOf({ action, sampled: sampled === 1, forSecond: for_second === 1 }, labelled)
    statements.queue.run(awaits ? QUEUED[awaits] : QUEUED.none, decision.idx)
  }

  const takeSecond = ({ decision, before, verdict, reviewer, index }: Found): void => {
    if (!before || before.second_label !== null || before.reviewer === reviewer) return
    const label = labelOf(verdict)
    statements.second.run(label, reviewer, index, decision.idx)
    statements.agree.run(decision.filter, decision.category, before.first_label, label)
    enqueue(decision, { ...labelledOf(before), second: { label } })
  }

  const takeVerdict = (found: Found): void => {
    const { decision, before, verdict, index } = found
    const filter = rows.byKey(decision.filter)
    if (!filter) return
    statements.verdict.run(...reviewOf(found))
    enqueue(decision, labelledAfter(found))
    if (before) count(tallies, decision, found.side, before.outcome, -1)
    count(tallies, decision, found.side, verdict, 1)
    if (decision.for_alarm === 1) weigh(rows, filter, decision, before?.outcome, verdict, index)
  }

  return (entry, index) => {
    const found = find(entry, index)
    if (!found) return
    if (found.role === 'second' && found.before) takeSecond(found)
    else takeVerdict(found)
  }
}

function prepareFind(connection: Database.Database): (entry: Entry, index: number) => Found | undefined {
  const byId = connection
    .prepare<[string, string], number>(
      'SELECT idx FROM entries WHERE id = ? UNION ALL SELECT idx FROM archived_ids WHERE id = ?',
    )
    .pluck()
  const readDecision = connection.prepare<[number], DecisionRow>('SELECT * FROM decisions WHERE idx = ?')
  const readReview = connection.prepare<[number], ReviewRow>('SELECT * FROM reviews WHERE idx = ?')
  return ({ data, occurredAt }, index) => {
    const { blockId, verdict, role = 'verdict', reviewerId } = data
    if (typeof blockId !== 'string' || !isOneOf(VERDICTS, verdict) || !isOneOf(REVIEW_ROLES, role))
      return undefined
    const idx = byId.get(blockId, blockId)
    const decision = idx === undefined ? undefined : readDecision.get(idx)
    const side = decision && sideOf(decision.action)
    if (!decision || !side || !fitsSide(verdict, side)) return undefined
    return {
      decision,
      side,
      verdict,
      role,
      reviewer: typeof reviewerId === 'string' ? reviewerId : '',
      at: Date.parse(occurredAt),
      index,
      before: readReview.get(decision.idx),
    }
  }
}

function prepareStatements(connection: Database.Database) {
  return {
    verdict: connection.prepare(
      `INSERT INTO reviews (idx, filter, outcome, label, first_label, reviewer, reviewed_ms, verdict_idx, adjudicated_idx)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (idx) DO UPDATE SET outcome = excluded.outcome, label = excluded.label,
         first_label = excluded.first_label, reviewer = excluded.reviewer, reviewed_ms = excluded.reviewed_ms,
         verdict_idx = excluded.verdict_idx, adjudicated_idx = coalesce(excluded.adjudicated_idx, adjudicated_idx)`,
    ),
    second: connection.prepare(
      'UPDATE reviews SET second_label = ?, second_reviewer = ?, second_idx = ? WHERE idx = ?',
    ),
    queue: connection.prepare('UPDATE decisions SET queued = ? WHERE idx = ?'),
    agree: connection.prepare(
      `INSERT INTO agreements (filter, category, first, second, count) VALUES (?, ?, ?, ?, 1)
       ON CONFLICT (filter, category, first, second) DO UPDATE SET count = count + 1`,
    ),
  }
}

/** True when it comes after two labels, or says so: what the reviewers said before stays as it was. */
function settles({ before, role }: Found): boolean {
  return before !== undefined && (role === 'adjudication' || before.second_label !== null)
}

function labelledOf({ label, second_label: second, adjudicated_idx: adjudicatedIndex }: ReviewRow): Labelled {
  return { label, second: second === null ? null : { label: second }, adjudicatedIndex }
}

function labelledAfter(found: Found): Labelled {
  const { before, verdict, index } = found
  const { second, adjudicatedIndex } = before ? labelledOf(before) : { second: null, adjudicatedIndex: null }
  return {
    label: labelOf(verdict),
    second,
    adjudicatedIndex: settles(found) ? index : adjudicatedIndex,
  }
}

function reviewOf(found: Found) {
  const { decision, verdict, reviewer, at, index, before } = found
  const label = labelOf(verdict)
  const kept = settles(found) ? before : undefined
  return [
    decision.idx,
    decision.filter,
    verdict,
    label,
    kept?.first_label ?? label,
    kept?.reviewer ?? reviewer,
    at,
    index,
    kept ? index : null,
  ] as const
}

type Outcome = 'tp' | 'fp' | 'fn' | 'tn' | 'unclear'

const OUTCOMES: Readonly<Record<Verdict, Outcome>> = {
  true_positive: 'tp',
  false_positive: 'fp',
  false_negative: 'fn',
  true_negative: 'tn',
  unclear: 'unclear',
}

function count(tallies: TallyDeltas, decision: DecisionRow, side: Side, verdict: Verdict, by: 1 | -1): void {
  const { filter, version, category, occurred_at } = decision
  const outcome = OUTCOMES[verdict]
  const changes: Partial<Record<TallyColumn, number>> = { [columnOf(side, outcome)]: by }
  if (decision.sampled === 1) {
    changes.sampled_reviewed = by
    if (outcome !== 'unclear') Object.assign(changes, weighted(decision, side, outcome, by))
  }
  tallies.add({ filter, version, category, at: Date.parse(occurred_at) }, changes)
}

function columnOf(side: Side, outcome: Outcome): TallyColumn {
  if (outcome === 'unclear')
    return ({ intervention: 'unclear', shadow: 'shadow_unclear', pass: 'pass_unclear' } as const)[side]
  return side === 'shadow' && (outcome === 'tp' || outcome === 'fp') ? `shadow_${outcome}` : outcome
}

function weighted(
  { sender_rate, plan_rate }: DecisionRow,
  side: Side,
  outcome: Exclude<Outcome, 'unclear'>,
  by: 1 | -1,
): Partial<Record<TallyColumn, number>> {
  const weight = 1 / (sender_rate * plan_rate)
  const w = by * Math.round(weight * 1e6)
  const square = by * Math.round(weight * weight * 1e6)
  const squares = { [`w2_${outcome}`]: square }
  if (outcome === 'fn' || outcome === 'tn') return { [`w_${outcome}`]: w, ...squares }
  const prefix = side === 'shadow' ? 'shadow_' : ''
  return { [`${prefix}w_${outcome}`]: w, [`${prefix}w2`]: square, ...squares }
}

/** Evidence of the alarm: how many verdicts of each kind, as they stand now. */
function weigh(
  rows: FilterRows,
  filter: FilterRow,
  { version }: DecisionRow,
  before: Verdict | undefined,
  verdict: Verdict,
  index: number,
): void {
  const row = rows.version(filter, version)
  row.alarmTp += Number(verdict === 'true_positive') - Number(before === 'true_positive')
  row.alarmFp += Number(verdict === 'false_positive') - Number(before === 'false_positive')
  rows.touch(row)
  noteCrossing(rows, filter, row, index)
}
