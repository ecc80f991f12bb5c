import type { MigrationInterface, QueryRunner } from 'typeorm'

/** `FLDG`: tells a ledger from any other SQLite file. */
export const APPLICATION_ID = 0x464c4447

const member = (path: string): string =>
  `TEXT GENERATED ALWAYS AS (json_extract(CAST(entry AS TEXT), '$.${path}')) VIRTUAL`

/** `INSERT OR REPLACE` deletes the older row past a DELETE trigger, so each unique key has its own guard. */
const refuse = (name: string, event: string, table: string, condition: string, message: string): string =>
  `CREATE TRIGGER ${name} BEFORE ${event} ON ${table} ${condition && `WHEN ${condition} `}BEGIN SELECT RAISE(ABORT, '${message}'); END`

const STATEMENTS: readonly string[] = [
  // The entry's bytes are the truth. What is searched is generated from them, so the two cannot differ.
  `CREATE TABLE entries (
    idx INTEGER PRIMARY KEY CHECK (idx >= 0),
    entry BLOB NOT NULL CHECK (length(entry) BETWEEN 1 AND 65535),
    leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
    id ${member('id')},
    type ${member('type')},
    recorded_at ${member('recordedAt')},
    occurred_at ${member('occurredAt')},
    entity_id ${member('entity.id')},
    actor_id ${member('actor.id')},
    status ${member('status')},
    correlation_id ${member('correlationId')}
  ) STRICT`,
  `CREATE UNIQUE INDEX entries_id ON entries (id)`,
  refuse(
    'entries_next_index',
    'INSERT',
    'entries',
    'NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM entries)',
    'ledger: entries take the next index only',
  ),
  refuse(
    'entries_unique_id',
    'INSERT',
    'entries',
    `EXISTS (SELECT 1 FROM entries WHERE id = json_extract(CAST(NEW.entry AS TEXT), '$.id'))`,
    'ledger: an entry with this id exists',
  ),
  refuse('entries_no_update', 'UPDATE', 'entries', '', 'ledger: entries are never changed'),
  refuse('entries_no_delete', 'DELETE', 'entries', '', 'ledger: entries are never removed'),

  // One root for each commit, kept for ever.
  `CREATE TABLE tree_heads (
    size INTEGER PRIMARY KEY CHECK (size > 0),
    root BLOB NOT NULL CHECK (length(root) = 32)
  ) STRICT`,
  refuse(
    'tree_heads_cover_entries',
    'INSERT',
    'tree_heads',
    'NEW.size <> (SELECT coalesce(max(idx) + 1, 0) FROM entries) OR NEW.size <= (SELECT coalesce(max(size), 0) FROM tree_heads)',
    'ledger: a tree head covers exactly the entries that are there',
  ),
  refuse('tree_heads_no_update', 'UPDATE', 'tree_heads', '', 'ledger: tree heads are never changed'),
  refuse('tree_heads_no_delete', 'DELETE', 'tree_heads', '', 'ledger: tree heads are never removed'),

  // The one row that changes: the right edge, from which the next append goes on. Derived, checked by verify.
  `CREATE TABLE ledger_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL,
    right_edge BLOB NOT NULL
  ) STRICT`,
  `INSERT INTO ledger_head (one, size, right_edge) VALUES (1, 0, x'')`,
  refuse('ledger_head_one_row', 'INSERT', 'ledger_head', '', 'ledger: there is one head'),
  refuse(
    'ledger_head_only_grows',
    'UPDATE',
    'ledger_head',
    'NEW.one <> 1 OR NEW.size <= OLD.size OR NEW.size <> (SELECT coalesce(max(idx) + 1, 0) FROM entries)',
    'ledger: the head only grows, to the entries that are there',
  ),
  refuse('ledger_head_no_delete', 'DELETE', 'ledger_head', '', 'ledger: the head is never removed'),

  // Erasable bytes that an entry commits to.
  `CREATE TABLE bodies (
    idx INTEGER NOT NULL REFERENCES entries (idx),
    name TEXT NOT NULL CHECK (length(name) > 0),
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    body BLOB NOT NULL,
    PRIMARY KEY (idx, name)
  ) STRICT`,
  refuse(
    'bodies_once',
    'INSERT',
    'bodies',
    'EXISTS (SELECT 1 FROM bodies WHERE idx = NEW.idx AND name = NEW.name)',
    'ledger: this body is there already',
  ),
  refuse('bodies_no_update', 'UPDATE', 'bodies', '', 'ledger: bodies are never changed'),
  refuse('bodies_no_delete', 'DELETE', 'bodies', '', 'ledger: bodies are removed by an erasure only'),

  // What was received before: the same event is one entry, however often it is delivered.
  `CREATE TABLE deliveries (
    source TEXT NOT NULL CHECK (length(source) > 0),
    event_id TEXT NOT NULL CHECK (length(event_id) > 0),
    body_hash BLOB NOT NULL CHECK (length(body_hash) = 32),
    idx INTEGER NOT NULL REFERENCES entries (idx),
    PRIMARY KEY (source, event_id)
  ) STRICT, WITHOUT ROWID`,
  refuse(
    'deliveries_once',
    'INSERT',
    'deliveries',
    'EXISTS (SELECT 1 FROM deliveries WHERE source = NEW.source AND event_id = NEW.event_id)',
    'ledger: this delivery is there already',
  ),
  refuse('deliveries_no_update', 'UPDATE', 'deliveries', '', 'ledger: deliveries are never changed'),
  refuse('deliveries_no_delete', 'DELETE', 'deliveries', '', 'ledger: deliveries are never removed'),

  // Written by readiness checks after a failed commit, to learn whether the disk takes writes again.
  `CREATE TABLE write_probe (one INTEGER PRIMARY KEY CHECK (one = 1), at TEXT NOT NULL) STRICT`,
  `PRAGMA application_id = ${APPLICATION_ID}`,
]

/** The first schema: entries, tree heads, bodies, deliveries, and the triggers that keep them append-only. */
export class CreateLedger1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement)
  }

  /** A ledger is never taken back. */
  down(): Promise<void> {
    return Promise.reject(new Error('a ledger has no way back to before it existed'))
  }
}
