-- Records: JSON documents with a version.

CREATE TABLE records (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  -- JSON text of an object or an array.
  data TEXT NOT NULL
) STRICT;

-- Kept beside the records that they count, in the same transactions.
INSERT INTO counters (name, value) VALUES ('records', 0), ('record_bytes', 0);
