/**
 * All that must be green before anybody looks at a change; stops at the first thing that is not.
 *
 *   bun run check          format, lint, types, dead code, executable, tests with coverage
 *   bun run check --fix    formats and mends first what can be mended by itself
 *
 * The last line is `N passed, N failed`.
 */
import { runStep, runTests } from "./steps.ts";

process.chdir(`${import.meta.dir}/..`);
const fix = Bun.argv.includes("--fix") ? ["--write"] : [];

await runStep("format, lint", ["run", "--bun", "biome", "check", "--error-on-warnings", ...fix]);
await runStep("types", ["run", "--bun", "tsc", "--noEmit"]);
await runStep("dead code", ["run", "--bun", "knip"]);
await runStep("executable", ["scripts/build.ts"]);
// A process of tests for each core, and few tests at once in each, so that no machine is flooded.
// The time is enough for any: what hangs fails, what is slow does not.
await runTests(["--parallel", "--max-concurrency=4", "--randomize", "--timeout=180000"], {
  coverage: true,
});
