// Holds a database against everything that is always true of one that Millrace has written.

import type { Database } from "bun:sqlite";
import { ITEM_OVERHEAD_BYTES } from "../../core/caches/cache.ts";
import { VERSION_MAX } from "../../core/records/command.ts";
import { schemaOf } from "./migrations.ts";
import { RECORD_OVERHEAD_BYTES } from "./record-writer.ts";

/** More are not listed: a damaged file may have millions. */
const PROBLEMS_MAX = 100;
const PAGE_MAX = 2 ** 31 - 1;

interface Rule {
  /** The schema that brought what it is about. */
  readonly since: number;
  /** Finds the exceptions, each as one sentence in the column `problem`. */
  readonly sql: string;
}

/**
 * What is wrong with the database, a sentence each, at most a hundred; none: it is sound. Looks at one
 * state of it, also while a server writes to it. Reads all of it, and changes nothing.
 */
export function findProblems(database: Database): readonly string[] {
  database.run("BEGIN");
  try {
    const schema = schemaOf(database);
    const rules = RULES.filter(({ since }) => since <= schema);
    const problems = new Set(rules.flatMap(({ sql }) => problemsOf(database, sql)));
    return [...problems].slice(0, PROBLEMS_MAX);
  } finally {
    // Some kinds of damage have ended it.
    if (database.inTransaction) database.run("ROLLBACK");
  }
}

/** What the rule finds. Damage may end the query, which is a problem as well. */
function problemsOf(database: Database, sql: string): readonly string[] {
  const problems: string[] = [];
  try {
    for (const { problem } of database.query<{ problem: string }, []>(sql).iterate()) {
      problems.push(problem);
      if (problems.length === PROBLEMS_MAX) break;
    }
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause)) throw cause;
    problems.push(`The file is damaged: ${cause.message}.`);
  }
  return problems;
}

const SIZE = `octet_length(value) + ${ITEM_OVERHEAD_BYTES}`;
/** Names are shown as JSON strings, whatever is in them. */
const CACHE = "'The cache ' || json_quote(c.name)";
const TOPIC = "'The topic ' || json_quote(t.name) || ' of the cache ' || json_quote(c.name)";
const TOPICS = "topics t JOIN caches c ON c.id = t.cache_id";
/** Without an index, whose order would fetch the items from all over the file. */
const ITEM_SIZES = `SELECT topic_id, ${SIZE} AS bytes FROM items NOT INDEXED`;
/** What was deleted is out of reach, and only waits to be cleared away. */
const LEFT_OVER =
  "EXISTS (SELECT 1 FROM leftovers l WHERE (l.kind, l.id) IN (('topic', i.topic_id), ('cache', i.cache_id)))";

const RULES: readonly Rule[] = [
  {
    since: 0,
    sql: `SELECT 'The file is damaged: ' || replace(integrity_check, char(10), ' ') || '.' AS problem
      FROM pragma_integrity_check WHERE integrity_check <> 'ok'`,
  },
  counterRule(1, "last_page"),
  {
    since: 1,
    sql: `SELECT ${CACHE} || ' has settings that are no JSON object.' AS problem FROM caches c
      WHERE NOT json_valid(c.overrides) OR json_type(c.overrides) <> 'object'`,
  },
  countRule(
    CACHE,
    "caches c",
    "c.topics",
    "topics",
    "(SELECT count(*) FROM topics WHERE cache_id = c.id)",
  ),
  countRule(
    CACHE,
    "caches c",
    "c.bytes",
    "bytes",
    "(SELECT coalesce(sum(bytes), 0) FROM topics WHERE cache_id = c.id)",
  ),
  countRule(
    CACHE,
    `caches c LEFT JOIN (SELECT cache_id, count(*) AS keys FROM idempotency_keys GROUP BY cache_id) k
      ON k.cache_id = c.id`,
    "c.idempotency_keys",
    "idempotency keys",
    "coalesce(k.keys, 0)",
  ),
  {
    since: 1,
    sql: `SELECT 'The topic ' || json_quote(t.name) || ' belongs to no cache.' AS problem FROM topics t
      WHERE NOT EXISTS (SELECT 1 FROM caches c WHERE c.id = t.cache_id)
        AND NOT EXISTS (SELECT 1 FROM leftovers l WHERE l.kind = 'cache' AND l.id = t.cache_id)`,
  },
  {
    since: 1,
    sql: `SELECT ${TOPIC} || ' has the page ' || t.page || ', which this store has not given.' AS problem
      FROM ${TOPICS} WHERE t.page NOT BETWEEN 1 AND
        (SELECT min(value, ${PAGE_MAX}) FROM counters WHERE name = 'last_page')`,
  },
  {
    since: 1,
    sql: `SELECT ${TOPIC} || ' must have the messages from ' || t.oldest || ' to ' || t.newest
        || ', and has ' || count(i.number) || coalesce(', from ' || min(i.number) || ' to ' || max(i.number), '')
        || '.' AS problem
      FROM ${TOPICS} LEFT JOIN items i ON i.topic_id = t.id GROUP BY t.id
      HAVING t.oldest < 1 OR count(i.number) <> t.newest - t.oldest + 1
        OR min(i.number) <> t.oldest OR max(i.number) <> t.newest`,
  },
  countRule(
    TOPIC,
    `${TOPICS} LEFT JOIN
      (SELECT topic_id, sum(bytes) AS bytes FROM (${ITEM_SIZES} LIMIT -1) GROUP BY topic_id) s
      ON s.topic_id = t.id`,
    "t.bytes",
    "bytes",
    "coalesce(s.bytes, 0)",
  ),
  {
    since: 1,
    sql: `SELECT ${TOPIC} || ' has its message ' || i.number || ' before its message ' || i.earlier || '.' AS problem
      FROM (SELECT topic_id, id, number, lag(id) OVER w AS id_before, lag(number) OVER w AS earlier
        FROM items WINDOW w AS (PARTITION BY topic_id ORDER BY number)) i
      JOIN topics t ON t.id = i.topic_id JOIN caches c ON c.id = t.cache_id WHERE i.id_before > i.id`,
  },
  {
    since: 1,
    sql: `SELECT 'The message with the row id ' || i.id || ' belongs to no topic.' AS problem
      FROM items i LEFT JOIN topics t ON t.id = i.topic_id AND t.cache_id = i.cache_id
      WHERE t.id IS NULL AND NOT ${LEFT_OVER}`,
  },
  {
    since: 1,
    sql: `SELECT 'The message with the row id ' || id || ' is neither text nor bytes.' AS problem
      FROM items WHERE typeof(value) NOT IN ('text', 'blob')`,
  },
  {
    since: 1,
    sql: `SELECT ${TOPIC} || ' has an idempotency key for its message ' || k.number || ', which it never had.' AS problem
      FROM idempotency_keys k JOIN topics t ON t.id = k.topic_id JOIN caches c ON c.id = t.cache_id
      WHERE k.number NOT BETWEEN 1 AND t.newest`,
  },
  counterRule(2, "records", "(SELECT count(*) FROM records)"),
  counterRule(
    2,
    "record_bytes",
    `(SELECT coalesce(sum(octet_length(name) + octet_length(data) + ${RECORD_OVERHEAD_BYTES}), 0) FROM records)`,
  ),
  {
    since: 2,
    sql: `SELECT 'The record ' || json_quote(name) || ' has the version ' || version || ', which there is not.' AS problem
      FROM records WHERE version NOT BETWEEN 0 AND ${VERSION_MAX}`,
  },
  {
    since: 2,
    sql: `SELECT 'The record ' || json_quote(name) || ' holds no valid JSON.' AS problem
      FROM records WHERE NOT json_valid(data)`,
  },
  counterRule(3, "users", "(SELECT count(*) FROM users)"),
  {
    since: 3,
    sql: `SELECT 'The user ' || json_quote(email) || ' has data that are no valid JSON.' AS problem
      FROM users WHERE NOT (coalesce(json_valid(client_data), 1) AND coalesce(json_valid(server_data), 1))`,
  },
  {
    since: 3,
    sql: `SELECT 'The user ' || json_quote(email) || ' has no id or no password.' AS problem
      FROM users WHERE id = '' OR password_hash = ''`,
  },
  counterRule(4, "record_commits"),
];

/** What is counted in a column equals what there is: `found` is an expression. */
function countRule(
  subject: string,
  from: string,
  column: string,
  what: string,
  found: string,
): Rule {
  return {
    since: 1,
    sql: `SELECT subject || ' counts ' || counted || ' ${what}, and has ' || found || '.' AS problem
      FROM (SELECT ${subject} AS subject, ${column} AS counted, ${found} AS found FROM ${from})
      WHERE counted <> found`,
  };
}

/** The counter is there, and equals what it counts where that can be told. */
function counterRule(since: number, name: string, found = "NULL"): Rule {
  return {
    since,
    sql: `SELECT 'The counter ${name} is ' || coalesce(value, 'missing')
        || coalesce(', and must be ' || found, '') || '.' AS problem
      FROM (SELECT sum(value) AS value, ${found} AS found FROM counters WHERE name = '${name}')
      WHERE value IS NULL OR value < 0 OR value <> found`,
  };
}
