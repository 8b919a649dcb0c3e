/** How the checks run a step and how they count tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs Bun with these arguments, shows its output only if it fails, and then ends the process. */
export async function runStep(name: string, bunArguments: string[]): Promise<void> {
  const started = performance.now();
  const child = Bun.spawn([process.execPath, ...bunArguments], {
    env: { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: "1" }) },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) {
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    console.error(`check failed: ${name}`);
    process.exit(1);
  }
  console.log(`ok  ${name.padEnd(14)}${seconds(started)}`);
}

/** Runs `bun test` with these arguments, ends with `N passed, N failed`, and ends the process. */
export async function runTests(
  testArguments: string[],
  options: { coverage: boolean },
): Promise<never> {
  const started = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "millrace-check-"));
  const report = join(folder, "junit.xml");
  const child = Bun.spawn(
    [
      ...[process.execPath, "test", "--only-failures"],
      ...["--reporter=junit", `--reporter-outfile=${report}`],
      ...(options.coverage ? ["--coverage-reporter=lcov", `--coverage-dir=${folder}`] : []),
      ...testArguments,
    ],
    { stdin: "ignore", stdout: "inherit", stderr: "inherit" },
  );
  const exitCode = await child.exited;
  const { passed, failures } = await count(report);
  await rm(folder, { recursive: true });
  if (exitCode !== 0 && failures === 0) {
    console.error(
      "check failed: every test passed, but the run did not. See above for an error outside a " +
        "test; if there is none, `bun test --coverage` shows the file that is below the " +
        "threshold in bunfig.toml.",
    );
  }
  if (exitCode === 0) console.log(`ok  ${"tests".padEnd(14)}${seconds(started)}`);
  // An error outside a test is in no report, but it is a failure.
  console.log(`${passed} passed, ${exitCode === 0 ? 0 : Math.max(failures, 1)} failed`);
  process.exit(exitCode === 0 ? 0 : 1);
}

/** Reads the totals in the first element of a JUnit report; a run that crashed has left none. */
async function count(report: string): Promise<{ passed: number; failures: number }> {
  const xml = await Bun.file(report)
    .text()
    .catch(() => "");
  const total = /<testsuites [^>]*>/.exec(xml)?.[0] ?? "";
  const number = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(total)?.[1] ?? 0);
  const failures = number("failures");
  return { passed: number("tests") - number("skipped") - failures, failures };
}

function seconds(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}
