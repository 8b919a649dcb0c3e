-- Users who log in with an email address.

CREATE TABLE users (
  -- In lower case.
  email TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  -- JSON; NULL: none.
  client_data TEXT,
  server_data TEXT,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Counted in the same transactions.
INSERT INTO counters (name, value) VALUES ('users', 0);
