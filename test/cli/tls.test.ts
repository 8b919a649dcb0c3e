// HTTPS by the command line: what keeps it from starting, what --dev prints, and clients that check the certificate.

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { certificatePath, TLS } from "../support/certificates.ts";
import { until } from "../support/until.ts";
import { millrace, serving, temporaryDirectory } from "./millrace.ts";

setDefaultTimeout(180_000);

const [certificate, key] = ["--http-tls-certificate", "--http-tls-key"];

test("a certificate that cannot be used is named by serve and by check-config, and nothing starts", async () => {
  using directory = temporaryDirectory();
  const wrong = [certificate, TLS.certificate, key, certificatePath("two.key")];
  const sentence = `millrace: The key ${certificatePath("two.key")} does not belong to the certificate ${TLS.certificate}.\n`;
  const data = join(directory.path, "data");
  const refused = { exitCode: 1, stdout: "", stderr: sentence };
  expect(await millrace(["serve", "--port=0", "--data", data, ...wrong])).toEqual(refused);
  expect(await millrace(["check-config", ...wrong])).toEqual(refused);
  const alone = await millrace(["check-config", certificate, TLS.certificate]);
  expect(alone.exitCode).toBe(78);
  expect(alone.stderr).toMatch(
    /^millrace: \[http\.tls\] certificate needs \[http\.tls\] key .*\n$/,
  );
});

test("check-config warns of a certificate that has expired, and takes it", async () => {
  const flags = [certificate, certificatePath("expired.pem"), key, TLS.key];
  expect(await millrace(["check-config", ...flags])).toEqual({
    exitCode: 0,
    stdout: "The configuration is good.\n",
    stderr: `millrace: warning: The certificate ${certificatePath("expired.pem")} has expired (Jan  1 00:00:00 2021 GMT): clients refuse it.\n`,
  });
});

test("the paths of the configuration file are relative to it, and the lines of --dev trust the certificate", async () => {
  using directory = temporaryDirectory();
  for (const name of ["one.pem", "one.key"] as const) {
    await Bun.write(join(directory.path, name), Bun.file(certificatePath(name)));
  }
  const file = join(directory.path, "a.toml");
  await Bun.write(file, '[http.tls]\ncertificate = "one.pem"\nkey = "one.key"\n');
  const data = join(directory.path, "data");
  await using server = await serving("--config", file, "--data", data, "--dev");
  expect(server.url).toStartWith("https://127.0.0.1:");
  const line = await until("a line to paste", () =>
    server
      .stdout()
      .split("\n")
      .find((each) => each.startsWith("curl -X POST")),
  );
  const shell = Bun.spawn(["sh", "-c", `${line} -sS -m 60 -w '%{http_version} %{http_code}'`]);
  expect(await shell.stdout.text()).toBe("2 204");
});

test("SIGHUP takes up another certificate, and millrace reload says where it cannot", async () => {
  using directory = temporaryDirectory();
  const paths = { certificate: join(directory.path, "a.pem"), key: join(directory.path, "a.key") };
  const use = async (pem: "one.pem" | "two.pem", its: "one.key" | "two.key") => {
    await Bun.write(paths.certificate, Bun.file(certificatePath(pem)));
    await Bun.write(paths.key, Bun.file(certificatePath(its)));
  };
  await use("one.pem", "one.key");
  const data = join(directory.path, "data");
  const flags = ["--data", data, certificate, paths.certificate, key, paths.key];
  await using server = await serving(...flags, "--http-tls-check-seconds=0");
  const trusting = (name: "one.pem" | "two.pem") =>
    fetch(`${server.url}/health`, { tls: { ca: Bun.file(certificatePath(name)) } });
  expect((await trusting("one.pem")).status).toBe(200);
  await use("two.pem", "two.key");
  server.kill("SIGHUP");
  await until("the log says so", () => server.stderr().includes("permission rules, certificates"));
  expect((await trusting("two.pem")).status).toBe(200);
  await use("one.pem", "two.key");
  const { exitCode, stderr } = await millrace(["reload", "--data", data]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^millrace: .*certificates: The key .* does not belong to .*\n$/);
  expect((await trusting("two.pem")).status).toBe(200);
});
