-- Caches, topics and their items; keys of idempotent publishes; revoked tokens; what is still to be cleared away.

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

-- The row id is the commit order: trimming a cache goes along it and keeps every topic contiguous.
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
CREATE UNIQUE INDEX items_by_topic ON items (topic_id, number);
CREATE INDEX items_by_cache ON items (cache_id);

CREATE TABLE idempotency_keys (
  topic_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  cache_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  digest BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (topic_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE revocations (
  id TEXT PRIMARY KEY,
  -- Tokens issued until then, in milliseconds, are revoked.
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Deleted caches and topics whose rows are not gone yet.
CREATE TABLE leftovers (
  kind TEXT NOT NULL CHECK (kind IN ('cache', 'topic')),
  id INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters (name, value) VALUES ('last_page', 0);
