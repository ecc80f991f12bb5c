import type { MigrationInterface, QueryRunner } from 'typeorm'

const refuse = (name: string, event: string, table: string, condition: string, message: string): string =>
  `CREATE TRIGGER ${name} BEFORE ${event} ON ${table} ${condition && `WHEN ${condition} `}BEGIN SELECT RAISE(ABORT, '${message}'); END`

const keep = (table: string, what: string): readonly string[] => [
  refuse(`${table}_no_update`, 'UPDATE', table, '', `ledger: ${what} are never changed`),
  refuse(`${table}_no_delete`, 'DELETE', table, '', `ledger: ${what} are never removed`),
]

const SIZE = '(SELECT coalesce(max(idx) + 1, 0) FROM entries)'
const ARCHIVED = '(SELECT coalesce(max(end_idx), 0) FROM archives)'

/** The head is rebuilt from tiles at start-up and kept in memory; a row that changes proves nothing. */
const WITHOUT_HEAD_ROW: readonly string[] = ['DROP TABLE ledger_head']

const TILES: readonly string[] = [
  // Full tiles only: nothing that is stored here ever changes. `groups` comes first, so that proofs that need
  // only it do not walk the overflow pages of `hashes`.
  `CREATE TABLE tiles (
    level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 6),
    n INTEGER NOT NULL CHECK (n >= 0),
    groups BLOB NOT NULL CHECK (length(groups) = 512),
    hashes BLOB NOT NULL CHECK (length(hashes) = 8192),
    PRIMARY KEY (level, n)
  ) STRICT`,
  refuse(
    'tiles_next',
    'INSERT',
    'tiles',
    'NEW.n <> (SELECT coalesce(max(n) + 1, 0) FROM tiles WHERE level = NEW.level)',
    'ledger: tiles take the next number of their level only',
  ),
  ...keep('tiles', 'tiles'),
]

const CHECKPOINTS: readonly string[] = [
  // Every signed head, one for each commit, kept for ever. Each names the one before it, so that a gap is seen.
  `CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY CHECK (size >= 0),
    previous INTEGER,
    note TEXT NOT NULL CHECK (length(note) > 0)
  ) STRICT`,
  refuse(
    'checkpoints_cover_entries',
    'INSERT',
    'checkpoints',
    `NEW.size <> ${SIZE} OR NEW.size <= coalesce(NEW.previous, -1)
      OR NEW.previous IS NOT (SELECT max(size) FROM checkpoints)`,
    'ledger: a checkpoint covers exactly the entries that are there',
  ),
  ...keep('checkpoints', 'checkpoints'),
  // Signature lines of witnesses, served together with the checkpoint that they cosign.
  `CREATE TABLE cosignatures (
    size INTEGER NOT NULL REFERENCES checkpoints (size),
    name TEXT NOT NULL,
    key_id TEXT NOT NULL,
    line TEXT NOT NULL CHECK (length(line) > 0),
    PRIMARY KEY (size, name, key_id)
  ) STRICT, WITHOUT ROWID`,
  refuse(
    'cosignatures_once',
    'INSERT',
    'cosignatures',
    'EXISTS (SELECT 1 FROM cosignatures WHERE size = NEW.size AND name = NEW.name AND key_id = NEW.key_id)',
    'ledger: this cosignature is there already',
  ),
  ...keep('cosignatures', 'cosignatures'),
  // Which key signs from which size on. The checkpoint of a rotation carries both signatures.
  `CREATE TABLE signing_keys (
    from_size INTEGER PRIMARY KEY CHECK (from_size >= 0),
    verifier_key TEXT NOT NULL
  ) STRICT`,
  refuse(
    'signing_keys_next',
    'INSERT',
    'signing_keys',
    `NEW.from_size <> ${SIZE} OR NEW.from_size <= (SELECT coalesce(max(from_size), -1) FROM signing_keys)`,
    'ledger: a signing key begins at the end of the ledger',
  ),
  ...keep('signing_keys', 'signing keys'),
]

const ERASURE: readonly string[] = [
  // A body may go only when a ledger.erased entry names its index.
  `CREATE TABLE erasures (
    idx INTEGER PRIMARY KEY,
    by_idx INTEGER NOT NULL
  ) STRICT`,
  refuse(
    'erasures_named_by_entry',
    'INSERT',
    'erasures',
    `EXISTS (SELECT 1 FROM erasures WHERE idx = NEW.idx) OR NOT EXISTS (
      SELECT 1 FROM entries e, json_each(CAST(e.entry AS TEXT), '$.data.indexes') named
      WHERE e.idx = NEW.by_idx AND e.type = 'ledger.erased' AND named.value = NEW.idx)`,
    'ledger: an erasure is named by a ledger.erased entry',
  ),
  ...keep('erasures', 'erasures'),
]

const ARCHIVE: readonly string[] = [
  // Entries below end_idx stand in bundles outside of this file; their hashes and proofs stay here.
  `CREATE TABLE archives (
    end_idx INTEGER PRIMARY KEY CHECK (end_idx > 0 AND end_idx % 256 = 0),
    by_idx INTEGER NOT NULL,
    folder TEXT NOT NULL
  ) STRICT`,
  refuse(
    'archives_grow',
    'INSERT',
    'archives',
    `NEW.end_idx <= ${ARCHIVED} OR NEW.end_idx > NEW.by_idx OR NOT EXISTS (
      SELECT 1 FROM entries WHERE idx = NEW.by_idx AND type = 'ledger.archived')`,
    'ledger: an archive is named by a ledger.archived entry that stays',
  ),
  ...keep('archives', 'archives'),
  // The ids of archived entries: an id is used once, and a repeated delivery still gets its first receipt.
  `CREATE TABLE archived_ids (idx INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT`,
  refuse(
    'archived_ids_once',
    'INSERT',
    'archived_ids',
    'EXISTS (SELECT 1 FROM archived_ids WHERE idx = NEW.idx OR id = NEW.id)',
    'ledger: this id is archived already',
  ),
  ...keep('archived_ids', 'archived ids'),
  'DROP TRIGGER entries_no_delete',
  refuse(
    'entries_no_delete',
    'DELETE',
    'entries',
    `OLD.idx >= ${ARCHIVED} OR NOT EXISTS (SELECT 1 FROM archived_ids WHERE idx = OLD.idx AND id = OLD.id)`,
    'ledger: entries are removed by an archive only',
  ),
  // An id is unique by the way it is made, and verify checks it. A UNIQUE index would be one more key for
  // INSERT OR REPLACE to delete by, and its guard the dearest part of an append.
  'DROP TRIGGER entries_unique_id',
  // FAIL, not ABORT: nothing was changed yet that would have to be undone, and to be able to undo costs a journal.
  'DROP TRIGGER entries_next_index',
  `CREATE TRIGGER entries_next_index BEFORE INSERT ON entries WHEN NEW.idx <> ${SIZE}
   BEGIN SELECT RAISE(FAIL, 'ledger: entries take the next index only'); END`,
  'DROP INDEX entries_id',
  'CREATE INDEX entries_id ON entries (id)',
]

/** The same tables without a foreign key into `entries`: bodies and deliveries outlive an archived entry. */
const WITHOUT_FOREIGN_KEYS: readonly string[] = [
  `CREATE TABLE bodies_new (
    idx INTEGER NOT NULL,
    name TEXT NOT NULL CHECK (length(name) > 0),
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    body BLOB NOT NULL,
    PRIMARY KEY (idx, name)
  ) STRICT`,
  'INSERT INTO bodies_new SELECT idx, name, salt, body FROM bodies',
  'DROP TABLE bodies',
  'ALTER TABLE bodies_new RENAME TO bodies',
  refuse(
    'bodies_once',
    'INSERT',
    'bodies',
    `NEW.idx >= ${SIZE} OR EXISTS (SELECT 1 FROM erasures WHERE idx = NEW.idx)
      OR EXISTS (SELECT 1 FROM bodies WHERE idx = NEW.idx AND name = NEW.name)`,
    'ledger: this body is there already, was erased, or has no entry',
  ),
  refuse('bodies_no_update', 'UPDATE', 'bodies', '', 'ledger: bodies are never changed'),
  refuse(
    'bodies_no_delete',
    'DELETE',
    'bodies',
    'NOT EXISTS (SELECT 1 FROM erasures WHERE idx = OLD.idx)',
    'ledger: bodies are removed by an erasure only',
  ),
  `CREATE TABLE deliveries_new (
    source TEXT NOT NULL CHECK (length(source) > 0),
    event_id TEXT NOT NULL CHECK (length(event_id) > 0),
    body_hash BLOB NOT NULL CHECK (length(body_hash) = 32),
    salt BLOB NOT NULL,
    idx INTEGER NOT NULL,
    PRIMARY KEY (source, event_id)
  ) STRICT, WITHOUT ROWID`,
  `INSERT INTO deliveries_new SELECT source, event_id, body_hash, x'', idx FROM deliveries`,
  'DROP TABLE deliveries',
  'ALTER TABLE deliveries_new RENAME TO deliveries',
  refuse(
    'deliveries_once',
    'INSERT',
    'deliveries',
    `NEW.idx >= ${SIZE} OR EXISTS (SELECT 1 FROM deliveries WHERE source = NEW.source AND event_id = NEW.event_id)`,
    'ledger: this delivery is there already, or has no entry',
  ),
  // The salt of an erased body's hash goes with the body: then the hash tells nothing.
  refuse(
    'deliveries_no_update',
    'UPDATE',
    'deliveries',
    `NEW.source IS NOT OLD.source OR NEW.event_id IS NOT OLD.event_id OR NEW.body_hash IS NOT OLD.body_hash
      OR NEW.idx IS NOT OLD.idx OR NEW.salt <> x'' OR NOT EXISTS (SELECT 1 FROM erasures WHERE idx = OLD.idx)`,
    'ledger: deliveries are never changed',
  ),
  refuse('deliveries_no_delete', 'DELETE', 'deliveries', '', 'ledger: deliveries are never removed'),
]

/**
 * Makes the ledger a transparency log: tiles, signed checkpoints with their keys and cosignatures, and what
 * erasure and archival need. Tiles and the first checkpoint of older entries are made when it is next opened.
 */
export class TransparencyLog1764600000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const statements = [
      ...WITHOUT_HEAD_ROW,
      ...TILES,
      ...CHECKPOINTS,
      ...ERASURE,
      ...ARCHIVE,
      ...WITHOUT_FOREIGN_KEYS,
    ]
    for (const statement of statements) await queryRunner.query(statement)
  }

  /** A ledger is never taken back. */
  down(): Promise<void> {
    return Promise.reject(new Error('signed checkpoints are never removed'))
  }
}
