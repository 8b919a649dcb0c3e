// Which texts the settings that are text accept.

import { expect, test } from "bun:test";
import { formats, type TextFormat } from "../../src/config/formats.ts";

const rows: Record<TextFormat, { accepted: string[]; refused: string[] }> = {
  region: {
    accepted: ["us-east-1", "a", "a".repeat(64)],
    refused: ["", "US", "a b", "a_b", "a".repeat(65), "a\n"],
  },
  host: {
    accepted: ["127.0.0.1", "0.0.0.0", "::", "::1", "fe80::1", "localhost", "a.example.com"],
    refused: ["", "http://a", "a:1", "127.0.0.1:7070", "[::1]", "a b", "a/b", "*"],
  },
  endpoint: {
    accepted: ["a.example.com", "a:7070", "http://127.0.0.1:7070", "https://a", "[::1]:7070"],
    refused: ["", "https://", "https://a/", "https://a/b", "a:99999", "ftp://a", "a b", "u:p@a"],
  },
  network: {
    accepted: ["127.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "::1", "fd00::/8", "::ffff:10.0.0.0/104"],
    refused: [
      ...["", "*", "localhost", "a.example", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.0/33"],
      ...[
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.1:80",
        "::/129",
        ":::",
        "fd00:::/8",
        "[::1]",
        "fe80::1%eth0",
      ],
    ],
  },
  origin: {
    accepted: [
      "https://a.example",
      "http://localhost:3000",
      "http://[::1]:1",
      "capacitor://localhost",
    ],
    refused: [
      "",
      "*",
      "null",
      "a",
      "https://a/",
      "https://A",
      "https://a:443",
      "https://a:99999",
      "https://a,https://b",
    ],
  },
  url: {
    accepted: ["https://a/.well-known/jwks.json", "http://127.0.0.1:1/keys?x=1"],
    refused: [
      "",
      "a",
      "ftp://a",
      "file:///a",
      "https://",
      "https:///a",
      "https://a b/",
      "https://a:x/",
    ],
  },
  path: { accepted: ["millrace-data", "/var/lib/a b", "C:\\data"], refused: ["", "a\0b", "a\nb"] },
  word: {
    accepted: ["millrace", "https://a/claims"],
    refused: ["", "a b", "a\n", "a".repeat(256)],
  },
  urlPath: {
    accepted: ["/api", "/api/auth", "/a.b_c~d-e/1", `/${"a".repeat(254)}`],
    refused: [
      "",
      "/",
      "api",
      "/api/",
      "//api",
      "/a//b",
      "/a/../b",
      "/.",
      "/api?x=1",
      "/api#x",
      "/api/*",
      "/:name",
      "/a%20b",
      "/a b",
      "/a\n",
      "http://a/api",
      `/${"a".repeat(255)}`,
    ],
  },
  header: {
    accepted: ["token", "X-Api-Key", "a".repeat(255)],
    refused: ["", "a b", "a:b", "a\n", "ä", "a".repeat(256)],
  },
  line: { accepted: ["a", "https://a/", "a b"], refused: ["", "a\nb", "a".repeat(1025)] },
};

test.each(Object.keys(rows) as TextFormat[])("%s", (format) => {
  const { accepted, refused } = rows[format];
  expect(accepted.filter((text) => !formats[format].accepts(text))).toEqual([]);
  expect(refused.filter((text) => formats[format].accepts(text))).toEqual([]);
});
