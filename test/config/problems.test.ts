// Everything that can be wrong in a configuration, and the sentence that says so.

import { describe, expect, test } from "bun:test";
import { loadSettings, type Sources } from "../../src/config/load.ts";

const wholePort = "it must be a whole number from 0 to 65535";
const anOrigin =
  'each item must be an origin as browsers send it: "scheme://host" or "scheme://host:port"';

describe("the file", () => {
  const rows: [string, string, string][] = [
    [
      "an unknown key near a known one",
      "[http]\nprot = 1",
      "[http] prot in m.toml is unknown; did you mean [http] port?",
    ],
    [
      "an unknown key near none",
      "[log]\ncolour = 1",
      "[log] colour in m.toml is unknown; known there: level, format, audit_file.",
    ],
    [
      "a key outside its section",
      "port = 1",
      "port in m.toml is unknown; did you mean [http] port?",
    ],
    [
      "an unknown section near a known one",
      "[htp]\nport = 1",
      "[htp] in m.toml is unknown; did you mean [http]?",
    ],
    [
      "a key that every object has",
      "[log]\nconstructor = 1",
      "[log] constructor in m.toml is unknown; known there: level, format, audit_file.",
    ],
    [
      "the key __proto__",
      "[log.__proto__]\nlevel = 1",
      "[log.__proto__] in m.toml is unknown; known there: level, format, audit_file.",
    ],
    [
      "a value in place of a section",
      "http = 5",
      "http in m.toml must be a section, which begins with the line [http].",
    ],
    [
      "a list of sections",
      "[[http]]\nport = 1",
      "http in m.toml must be a section, which begins with the line [http].",
    ],
    [
      "a section in place of a value",
      "[http.port]",
      `[http.port] in m.toml is a section; ${wholePort}.`,
    ],
    [
      "a number in quotes",
      '[http]\nport = "1"',
      `[http] port in m.toml is "1"; ${wholePort}, without quotes.`,
    ],
    ["text for a number", '[http]\nport = "x"', `[http] port in m.toml is "x"; ${wholePort}.`],
    ["a fraction", "[http]\nport = 1.5", `[http] port in m.toml is 1.5; ${wholePort}.`],
    ["not a number", "[http]\nport = nan", `[http] port in m.toml is NaN; ${wholePort}.`],
    ["infinity", "[http]\nport = inf", `[http] port in m.toml is Infinity; ${wholePort}.`],
    ["too little", "[http]\nport = -1", `[http] port in m.toml is -1; ${wholePort}.`],
    ["too much", "[http]\nport = 65536", `[http] port in m.toml is 65536; ${wholePort}.`],
    [
      "a number for text",
      "region = 5",
      "region in m.toml is 5; it must be text in quotes: 1 to 64 of the characters a to z, 0 to 9 and -.",
    ],
    [
      "a date",
      "region = 1979-05-27",
      "region in m.toml is a date or time; it must be text in quotes: 1 to 64 of the characters a to z, 0 to 9 and -.",
    ],
    [
      "none of the choices",
      '[storage]\ndurability = "ful"',
      '[storage] durability in m.toml is "ful"; it must be one of "full", "normal".',
    ],
    [
      "text for a list",
      '[http]\norigins = "https://a"',
      '[http] origins in m.toml is "https://a"; it must be a list, each item an origin as browsers send it: "scheme://host" or "scheme://host:port".',
    ],
    [
      "an item of another type",
      "[http]\norigins = [1]",
      `[http] origins in m.toml has the item 1; ${anOrigin}.`,
    ],
    [
      "too many items",
      `[http]\norigins = [${'"https://a",'.repeat(1001)}]`,
      "[http] origins in m.toml has 1001 items; it may have 1000 at most.",
    ],
    [
      "very long text",
      `region = "${"A".repeat(500)}"`,
      `region in m.toml is "${"A".repeat(60)}…"; it must be 1 to 64 of the characters a to z, 0 to 9 and -.`,
    ],
  ];
  test.each(rows)("%s", (_, fileText, problem) => {
    expect(problemsOf({ fileText })).toEqual([problem]);
  });

  test("every wrong item of a list is named", () => {
    expect(problemsOf({ fileText: '[http]\norigins = ["x", "https://a", "y"]' })).toEqual([
      `[http] origins in m.toml has the item "x"; ${anOrigin}.`,
      `[http] origins in m.toml has the item "y"; ${anOrigin}.`,
    ]);
  });
});

describe("a file that is not TOML", () => {
  const rows: [string, string, number, RegExp][] = [
    ["a key given twice", "[http]\nport = 1\nport = 2\nhost = 'a'\n", 3, /redefine key 'port'/],
    ["a section given twice", "[http]\nport = 1\n\n[http]\n", 4, /redefine table 'http'/],
    ["text without quotes", "# one\nregion = eu\n", 2, /must be quoted/],
    ["no value", "region =\n[http]\n", 1, /Missing value/],
    ["no value, with Windows line ends", "#\r\nregion =\r\n[http]\r\n", 2, /Missing value/],
    ["no equals sign", "[http]\nport 1\n", 2, /Expected '='/],
    ["an unknown escape", 'region = "\\q"', 1, /escape sequence/],
    ["text that does not end", "[http]\nhost = 'a\nport = 1\n", 2, /Unterminated/],
    ["lines of text that do not end", "[http]\nhost = '''a\nport = 1\n\n", 2, /Unterminated/],
    ["more than 64 bits", "[http]\n\nport = 99999999999999999999\n", 3, /64-bit/],
    ["more than a number can hold", "[http]\nport = 9007199254740993\n", 2, /losslessly/],
    ["a leading zero", "[http]\nport = 01\n", 2, /Leading zeros/],
  ];
  test.each(rows)("%s", (_, fileText, line, reason) => {
    const [problem, ...others] = problemsOf({ fileText });
    expect(others).toEqual([]);
    expect(problem).toStartWith(`m.toml is not valid TOML, line ${line}: `);
    expect(problem).toMatch(reason);
    expect(problem).not.toContain("TOML Parse error");
  });

  test("does not hide what is wrong elsewhere, and leads to no guess about several settings", () => {
    const environment = { MILLRACE_HTTP_PORT: "x", MILLRACE_AUTH_JWKS_URL: "https://a/keys" };
    expect(problemsOf({ fileText: "[auth", environment })).toEqual([
      expect.stringContaining("m.toml is not valid TOML, line 1: "),
      `MILLRACE_HTTP_PORT is "x"; ${wholePort}.`,
    ]);
  });
});

describe("the environment", () => {
  const rows: [string, string, string][] = [
    ["MILLRACE_HTTP_PORT", "65536", `is 65536; ${wholePort}.`],
    ["MILLRACE_HTTP_PORT", "-1", `is "-1"; ${wholePort}.`],
    ["MILLRACE_HTTP_PORT", "1e3", `is "1e3"; ${wholePort}.`],
    ["MILLRACE_HTTP_PORT", "0x10", `is "0x10"; ${wholePort}.`],
    ["MILLRACE_HTTP_PORT", " 1", `is " 1"; ${wholePort}.`],
    ["MILLRACE_HTTP_PORT", "99999999999999999999", `is "99999999999999999999"; ${wholePort}.`],
    ["MILLRACE_HTTP_ORIGINS", "https://a,,b", `has the item ""; ${anOrigin}.`],
    [
      "MILLRACE_LOG_LEVEL",
      "INFO",
      'is "INFO"; it must be one of "debug", "info", "warning", "error".',
    ],
    ["MILLRACE_HTTP_PROT", "1", "is unknown; did you mean MILLRACE_HTTP_PORT?"],
    ["MILLRACE_HTTP_PROT", "", "is unknown; did you mean MILLRACE_HTTP_PORT?"],
    [
      "MILLRACE_LOG_COLOUR",
      "1",
      "is unknown; known: MILLRACE_LOG_LEVEL, MILLRACE_LOG_FORMAT, MILLRACE_LOG_AUDIT_FILE.",
    ],
  ];
  test.each(rows)("%s=%s", (name, text, problem) => {
    const problems = problemsOf({ environment: { [name]: text } });
    expect(problems[0]).toBe(`${name} ${problem}`);
  });

  test("names that begin like no section are left alone", () => {
    const environment = { MILLRACE_TOKEN: "x", MILLRACE_URL: "x", MILLRACE_LOG: "x", PORT: "x" };
    expect(problemsOf({ environment })).toEqual([]);
  });
});

describe("flags", () => {
  const rows: [string, Sources["flags"], string][] = [
    ["under the short name", { port: "x" }, `--port is "x"; ${wholePort}.`],
    ["under the long name", { "http-port": "x" }, `--http-port is "x"; ${wholePort}.`],
    ["empty", { port: "" }, `--port is ""; ${wholePort}.`],
    [
      "under both names",
      { port: "1", "http-port": "1" },
      "--port and --http-port are the same setting; give one of them.",
    ],
    [
      "in a list",
      { "http-origins": ["https://a,b", "https://c"] },
      `--http-origins has the item "b"; ${anOrigin}.`,
    ],
  ];
  test.each(rows)("%s", (_, flags, problem) => {
    expect(problemsOf({ flags })).toEqual([problem]);
  });

  test("that are no settings are left to their command", () => {
    expect(problemsOf({ flags: { dev: true, config: "x" } })).toEqual([]);
  });
});

const nobodySaidWho =
  'which others can reach, so [deepstream] auth has to be written down: ["email"] for example, ["open"] for everybody or [] for nobody; or else --deepstream-auth open, or MILLRACE_DEEPSTREAM_AUTH=open.';

describe("who may log in has to be written down on an address that others can reach", () => {
  const host = '[http]\nhost = "0.0.0.0"';
  const all = `[http] host is "0.0.0.0", ${nobodySaidWho}`;
  const rows: [string, Partial<Sources>, string[]][] = [
    ["in the file", { fileText: host }, [all]],
    ["in the environment", { environment: { MILLRACE_HTTP_HOST: "0.0.0.0" } }, [all]],
    ["in a flag", { flags: { host: "::" } }, [`[http] host is "::", ${nobodySaidWho}`]],
    [
      "with a variable that says nothing",
      { fileText: host, environment: { MILLRACE_DEEPSTREAM_AUTH: "" } },
      [all],
    ],
    [
      "with another setting of the section",
      { fileText: `${host}\n[deepstream]\ntoken_hours = 1` },
      [all],
    ],
    ["written in the file", { fileText: `${host}\n[deepstream]\nauth = ["open"]` }, []],
    ["for nobody", { fileText: `${host}\n[deepstream]\nauth = []` }, []],
    [
      "written in the environment",
      { fileText: host, environment: { MILLRACE_DEEPSTREAM_AUTH: "open" } },
      [],
    ],
    ["written as a flag", { fileText: host, flags: { "deepstream-auth": ["email"] } }, []],
    [
      "written wrongly, which is all that is said",
      { fileText: host, flags: { "deepstream-auth": "opne" } },
      [
        '--deepstream-auth has the item "opne"; each item must be one of "open", "email", "file", "webhook".',
      ],
    ],
    ["where a flag goes back to loopback", { fileText: host, flags: { host: "127.0.0.1" } }, []],
  ];
  test.each(rows)("%s", (_, sources, problems) => {
    expect(problemsOf(sources)).toEqual(problems);
  });
});

test("who may log in does not matter to those who do not listen, but the rest does", () => {
  const fileText = '[http]\nhost = "0.0.0.0"\n[deepstream]\nauth_path = "/api"';
  expect(problemsOf({ fileText, toListen: false })).toEqual([
    expect.stringContaining("[deepstream] auth_path"),
  ]);
});

describe("the section of deepstreamHub's API", () => {
  const aPath =
    'it must be a path such as "/api" of letters, digits and . _ ~ - between slashes, without one at its end';
  const aWay = 'each item must be one of "open", "email", "file", "webhook"';
  const rows: [string, string, string[]][] = [
    [
      "a way to log in that does not exist",
      '[deepstream]\nauth = ["open", "jwt"]',
      [`[deepstream] auth in m.toml has the item "jwt"; ${aWay}.`],
    ],
    [
      "a way to log in given twice",
      '[deepstream]\nauth = ["email", "open", "email"]',
      ['[deepstream] auth in m.toml has the item "email" more than once.'],
    ],
    [
      "text for a list of ways",
      '[deepstream]\nauth = "open"',
      [
        '[deepstream] auth in m.toml is "open"; it must be a list, each item one of "open", "email", "file", "webhook", and none of them twice.',
      ],
    ],
    ["every way in any order", '[deepstream]\nauth = ["webhook", "file", "email", "open"]', []],
    [
      "a truth value in quotes",
      '[deepstream]\nauth_data = "true"',
      ['[deepstream] auth_data in m.toml is "true"; it must be true or false, without quotes.'],
    ],
    [
      "a status code that is none",
      "[deepstream.webhook]\npermitted_status_codes = [200, 99]",
      [
        "[deepstream.webhook] permitted_status_codes in m.toml has the item 99; each item must be a whole number from 200 to 599.",
      ],
    ],
    [
      "a path with a slash at its end",
      '[deepstream]\npost_path = "/v1/"',
      [`[deepstream] post_path in m.toml is "/v1/"; ${aPath}.`],
    ],
    [
      "both paths the same",
      '[deepstream]\npost_path = "/api/auth"',
      [
        '[deepstream] auth_path is "/api/auth", as is [deepstream] post_path; they must differ, or a login cannot be told from commands.',
      ],
    ],
    ["other paths", '[deepstream]\npost_path = "/v1"\nauth_path = "/login"', []],
    [
      "paths of another API",
      '[deepstream]\npost_path = "/topics/a"\nauth_path = "/health-check"',
      [
        '[deepstream] post_path is "/topics/a"; paths that begin with /topics are those of another API of this server.',
        '[deepstream] auth_path is "/health-check"; paths that begin with /health-check are those of another API of this server.',
      ],
    ],
    [
      "paths of the administration",
      '[deepstream]\npost_path = "/imports/a"\nauth_path = "/limits"',
      [
        '[deepstream] post_path is "/imports/a"; paths that begin with /imports are those of another API of this server.',
        '[deepstream] auth_path is "/limits"; paths that begin with /limits are those of another API of this server.',
      ],
    ],
    ["a path that only begins alike", '[deepstream]\npost_path = "/topics-api"', []],
    ["a file of rules", '[deepstream]\npermissions = "rules.yml"', []],
    [
      "a client that may not be a record behind",
      "[deepstream.connection]\nunsent_bytes_max = 65536",
      [
        "[deepstream.connection] unsent_bytes_max is 65536; it must be [records] record_bytes_max (1048576) at least, or clients are cut off who are only a record behind.",
      ],
    ],
    [
      "a call that can never be made",
      "[deepstream.rpc]\ndata_bytes_max = 1024",
      [
        "[deepstream.rpc] data_bytes_max is 1024; it must be [deepstream.connection] message_bytes_max (1048576) at least, or the largest call is never made.",
      ],
    ],
    [
      "an answer smaller than the largest record",
      "[deepstream.http]\nanswer_bytes_max = 1024",
      [
        "[deepstream.http] answer_bytes_max is 1024; it must be [records] record_bytes_max (1048576) at least, or the largest record can never be read.",
      ],
    ],
    [
      "room for answers smaller than the longest",
      "[deepstream.http]\nanswer_bytes_in_flight_max = 1048576",
      [
        "[deepstream.http] answer_bytes_in_flight_max is 1048576; it must be answer_bytes_max (16777216) at least, or the longest answer is never given.",
      ],
    ],
    [
      "a key of another section of it",
      "[deepstream]\nack_timeout_ms = 5",
      [
        "[deepstream] ack_timeout_ms in m.toml is unknown; did you mean [deepstream.rpc] ack_timeout_ms?",
      ],
    ],
    [
      "an unknown section near a known one",
      "[deepstream.webhok]",
      ["[deepstream.webhok] in m.toml is unknown; did you mean [deepstream.webhook]?"],
    ],
  ];
  test.each(rows)("%s", (_, fileText, problems) => {
    expect(problemsOf({ fileText })).toEqual(problems);
  });
});

describe("rules over several settings", () => {
  const keySet = '[auth]\njwks_url = "https://a/keys"\n';
  const rows: [string, string, string[]][] = [
    [
      "jwks_url alone",
      keySet,
      [
        "[auth] jwks_url needs [auth] issuer and [auth] audience as well: without them, tokens made for other services would be accepted.",
      ],
    ],
    [
      "jwks_url without audience",
      `${keySet}issuer = "a"`,
      [
        "[auth] jwks_url needs [auth] audience as well: without them, tokens made for other services would be accepted.",
      ],
    ],
    ["jwks_url with both", `${keySet}issuer = "a"\naudience = "b"`, []],
    [
      "nothing is concluded from a wrong value",
      `${keySet}issuer = 5\naudience = "b"`,
      [
        "[auth] issuer in m.toml is 5; it must be text in quotes: a line of 1 to 1024 characters, or empty.",
      ],
    ],
    [
      "a queue shorter than the longest message",
      "[storage]\nqueue_bytes_max = 65536",
      [
        "[storage] queue_bytes_max is 65536; it must be [topics] message_bytes_max (1048576) at least, or the longest message never gets in.",
        "[storage] queue_bytes_max is 65536; it must be [records] record_bytes_max (1048576) at least, or the largest record never gets in.",
      ],
    ],
    [
      "room for bodies that is less than the longest message",
      "[http]\nbody_bytes_in_flight_max = 65536",
      [
        "[http] body_bytes_in_flight_max is 65536; it must be [topics] message_bytes_max (1048576) at least, or the longest message never gets in.",
      ],
    ],
    [
      "a certificate without its key",
      '[http.tls]\ncertificate = "a.pem"',
      [
        "[http.tls] certificate needs [http.tls] key as well: a certificate is of no use without its key.",
      ],
    ],
    [
      "a key without its certificate",
      '[http.tls]\nkey = "a.key"',
      [
        "[http.tls] key needs [http.tls] certificate as well: a certificate is of no use without its key.",
      ],
    ],
    [
      "a redirect to HTTPS that there is not",
      "[http.tls]\nredirect_port = 80",
      [
        "[http.tls] redirect_port needs [http.tls] certificate and key as well: without them there is no HTTPS to redirect to.",
      ],
    ],
    [
      "a redirect to itself",
      '[http]\nport = 80\n[http.tls]\ncertificate = "a.pem"\nkey = "a.key"\nredirect_port = 80',
      ["[http.tls] redirect_port is 80, as is [http] port; they must differ."],
    ],
    [
      "HTTPS with all that it needs",
      '[http.tls]\ncertificate = "a.pem"\nkey = "a.key"\nredirect_port = 80',
      [],
    ],
    [
      "a proxy that is no address",
      '[http]\ntrusted_proxies = ["localhost"]',
      [
        '[http] trusted_proxies in m.toml has the item "localhost"; each item must be an IP address, or a network of them such as "10.0.0.0/8" or "fd00::/8".',
      ],
    ],
  ];
  test.each(rows)("%s", (_, fileText, problems) => {
    expect(problemsOf({ fileText })).toEqual(problems);
  });
});

test("all problems of all sources are named at once, also where a stronger source decides", () => {
  const problems = problemsOf({
    fileText: '[http]\nport = "x"\nhots = "a"\n[topic]\n[auth]\njwks_url = "https://a/keys"',
    environment: { MILLRACE_HTTP_PORT: "y", MILLRACE_LOG_LEVL: "info" },
    flags: { port: "z", region: "EU" },
  });
  expect(problems.map((problem) => problem.split(/ (?:is|needs) /)[0])).toEqual([
    "[http] port in m.toml",
    "[http] hots in m.toml",
    "[topic] in m.toml",
    "MILLRACE_HTTP_PORT",
    "MILLRACE_LOG_LEVL",
    "--region",
    "--port",
    "[auth] jwks_url",
  ]);
});

function problemsOf(sources: Partial<Sources>): readonly string[] {
  const loaded = loadSettings({ fileName: "m.toml", environment: {}, flags: {}, ...sources });
  return "problems" in loaded ? loaded.problems : [];
}
