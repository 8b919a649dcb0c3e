-- A store of schema 1, as `sqlite3 millrace.db .dump` shows it. Never changed: stores like it are out there.
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA application_id = 0x6d6c7263;
PRAGMA user_version = 1;
BEGIN;
CREATE TABLE caches (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  overrides TEXT NOT NULL,
  -- Kept beside the topics and items that they count, in the same transactions.
  topics INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  idempotency_keys INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO caches VALUES(1,'c',1699999999000,'{"retention":{"topicItems":9},"limits":{}}',2,132,1);
CREATE TABLE topics (
  -- AUTOINCREMENT: the items of a deleted topic are cleared away later and must not meet a new topic of the same id.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  cache_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  page INTEGER NOT NULL,
  oldest INTEGER NOT NULL,
  newest INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  UNIQUE (cache_id, name)
) STRICT;
INSERT INTO topics VALUES(2,1,'t',1700000000,6,7,132);
INSERT INTO topics VALUES(3,1,'trimmed',1700000001,5,4,0);
CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  cache_id INTEGER NOT NULL,
  topic_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  published_at INTEGER NOT NULL,
  publisher_id TEXT,
  -- TEXT for text and BLOB for binary.
  value ANY NOT NULL
) STRICT;
INSERT INTO items VALUES(1,1,1,1,1700000000000,NULL,'of a topic that was deleted');
INSERT INTO items VALUES(2,1,2,6,1700000000000,'me','six');
INSERT INTO items VALUES(3,1,2,7,1700000000000,NULL,X'07');
CREATE TABLE idempotency_keys (
  topic_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  cache_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  digest BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (topic_id, key)
) STRICT, WITHOUT ROWID;
INSERT INTO idempotency_keys VALUES(2,'k',1,6,X'b8e498e507b321da48dbeb7ea80e8642fc095571088c427e69c15f967e70c6c7',4102444800000);
CREATE TABLE revocations (
  id TEXT PRIMARY KEY,
  -- Tokens issued until then, in milliseconds, are revoked.
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO revocations VALUES('gone',1700000001000);
CREATE TABLE leftovers (
  kind TEXT NOT NULL CHECK (kind IN ('cache', 'topic')),
  id INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
INSERT INTO leftovers VALUES('topic',1);
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES('last_page',1700000001);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('caches',1);
INSERT INTO sqlite_sequence VALUES('topics',3);
CREATE UNIQUE INDEX items_by_topic ON items (topic_id, number);
CREATE INDEX items_by_cache ON items (cache_id);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
COMMIT;
