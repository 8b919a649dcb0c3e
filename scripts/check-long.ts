/**
 * Runs the tests that need root, Debian packages or many minutes.
 *
 *   bun run check:long          all of test/long
 *   bun run check:long disk     only the files with "disk" in their path
 *
 * Debian's packages are strace, chromium, nodejs, prometheus, openssl, curl, nginx-light and caddy, and for
 * the tests of our own package debootstrap, systemd-container, buildah, lintian, mandoc and man-db; a
 * test says which one it misses, and fails.
 * They are named `*.long.ts`. Bun takes only `*.test.ts` and the like for tests unless it is given
 * a path, so neither `bun run check` nor a bare `bun test` comes across them.
 */
import { runStep, runTests } from "./steps.ts";

process.chdir(`${import.meta.dir}/..`);
const wanted = Bun.argv[2] ?? "";
const files = Array.from(new Bun.Glob("test/long/**/*.long.ts").scanSync())
  .filter((path) => path.includes(wanted))
  .sort();
if (files.length === 0) {
  console.error(`check failed: no *.long.ts in test/long has "${wanted}" in its path`);
  process.exit(1);
}

await runStep("executable", ["scripts/build.ts"]);
await runTests(["--timeout=3600000", ...files.map((path) => `./${path}`)], { coverage: false });
