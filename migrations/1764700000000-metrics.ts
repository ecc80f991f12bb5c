import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Tables that are derived from entries, in the append's own transaction. Nothing here is evidence: they may be thrown
 * away and made again of the entries, and nothing guards them but that comparison.
 */
const STATEMENTS: readonly string[] = [
  // How far the entries are folded, and by which layout of these tables.
  `CREATE TABLE metrics_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    layout INTEGER NOT NULL,
    size INTEGER NOT NULL
  ) STRICT`,
  // Entries that tell how filters and deployments stand: who starts reads these, and not every block.
  `CREATE TABLE state_entries (idx INTEGER PRIMARY KEY) STRICT`,
  `CREATE TABLE metric_filters (
    key INTEGER PRIMARY KEY,
    filter_id TEXT NOT NULL UNIQUE,
    name TEXT,
    state TEXT NOT NULL,
    occurred_at TEXT,
    version INTEGER,
    deleted INTEGER NOT NULL,
    tolerance REAL,
    created_events INTEGER NOT NULL,
    updated_events INTEGER NOT NULL,
    deleted_events INTEGER NOT NULL
  ) STRICT`,
  // Version 0: the sender named none, and none is known. The alarm's evidence belongs to a version.
  `CREATE TABLE metric_versions (
    filter INTEGER NOT NULL,
    version INTEGER NOT NULL,
    tolerance REAL,
    alarm_tp INTEGER NOT NULL,
    alarm_fp INTEGER NOT NULL,
    crossed_idx INTEGER,
    raised_idx INTEGER,
    PRIMARY KEY (filter, version)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE decisions (
    idx INTEGER PRIMARY KEY,
    filter INTEGER NOT NULL,
    version INTEGER NOT NULL,
    version_told INTEGER NOT NULL,
    category TEXT NOT NULL,
    action TEXT NOT NULL,
    score REAL NOT NULL,
    threshold REAL NOT NULL,
    occurred_at TEXT NOT NULL,
    sender_rate REAL NOT NULL,
    plan_rate REAL NOT NULL,
    draw REAL NOT NULL,
    turn REAL NOT NULL,
    sampled INTEGER NOT NULL,
    for_alarm INTEGER NOT NULL,
    for_second INTEGER NOT NULL,
    queued INTEGER NOT NULL
  ) STRICT`,
  `CREATE INDEX decisions_queue ON decisions (queued, filter, turn) WHERE queued > 0`,
  `CREATE TABLE reviews (
    idx INTEGER PRIMARY KEY,
    filter INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    label TEXT NOT NULL,
    first_label TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    reviewed_ms INTEGER NOT NULL,
    verdict_idx INTEGER NOT NULL,
    second_label TEXT,
    second_reviewer TEXT,
    second_idx INTEGER,
    adjudicated_idx INTEGER
  ) STRICT`,
  `CREATE INDEX reviews_filter ON reviews (filter, idx)`,
  // grain: 0 all, 1 day, 2 hour. start: milliseconds since 1970, UTC; 0 for all. Sums of weights (w…) are in millionths:
  // whole numbers add up to the same in any order.
  `CREATE TABLE tallies (
    grain INTEGER NOT NULL,
    start INTEGER NOT NULL,
    filter INTEGER NOT NULL,
    version INTEGER NOT NULL,
    category TEXT NOT NULL,
    evaluations INTEGER NOT NULL DEFAULT 0,
    blocked INTEGER NOT NULL DEFAULT 0,
    redacted INTEGER NOT NULL DEFAULT 0,
    flagged INTEGER NOT NULL DEFAULT 0,
    passed INTEGER NOT NULL DEFAULT 0,
    error_blocked INTEGER NOT NULL DEFAULT 0,
    bypassed INTEGER NOT NULL DEFAULT 0,
    sampled INTEGER NOT NULL DEFAULT 0,
    sampled_reviewed INTEGER NOT NULL DEFAULT 0,
    tp INTEGER NOT NULL DEFAULT 0,
    fp INTEGER NOT NULL DEFAULT 0,
    unclear INTEGER NOT NULL DEFAULT 0,
    shadow_tp INTEGER NOT NULL DEFAULT 0,
    shadow_fp INTEGER NOT NULL DEFAULT 0,
    shadow_unclear INTEGER NOT NULL DEFAULT 0,
    fn INTEGER NOT NULL DEFAULT 0,
    tn INTEGER NOT NULL DEFAULT 0,
    pass_unclear INTEGER NOT NULL DEFAULT 0,
    w_tp INTEGER NOT NULL DEFAULT 0,
    w_fp INTEGER NOT NULL DEFAULT 0,
    w2 INTEGER NOT NULL DEFAULT 0,
    shadow_w_tp INTEGER NOT NULL DEFAULT 0,
    shadow_w_fp INTEGER NOT NULL DEFAULT 0,
    shadow_w2 INTEGER NOT NULL DEFAULT 0,
    w_fn INTEGER NOT NULL DEFAULT 0,
    w2_fn INTEGER NOT NULL DEFAULT 0,
    w_tn INTEGER NOT NULL DEFAULT 0,
    w2_tn INTEGER NOT NULL DEFAULT 0,
    w2_tp INTEGER NOT NULL DEFAULT 0,
    w2_fp INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (grain, start, filter, version, category)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE agreements (
    filter INTEGER NOT NULL,
    category TEXT NOT NULL,
    first TEXT NOT NULL,
    second TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (filter, category, first, second)
  ) STRICT, WITHOUT ROWID`,
  // kind: outcome, failure, latency (label: upper bound in ms), sum, promotion.
  `CREATE TABLE registrations (
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (kind, label)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE sampling_plans (idx INTEGER PRIMARY KEY, plan TEXT NOT NULL) STRICT`,
]

/** The tables of the metrics. They are filled from the entries when the ledger is next opened for writing. */
export class Metrics1764700000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement)
  }

  /** A ledger is never taken back. */
  down(): Promise<void> {
    return Promise.reject(new Error('a ledger is never taken back to an older schema'))
  }
}
