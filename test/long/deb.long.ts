// The Debian package and the service on a machine with systemd: installed, upgraded, reloaded, watched, removed;
// and the container that is made of the package. Needs root and the packages debootstrap, systemd-container,
// lintian, man-db, mandoc, openssl and buildah.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { debianPackage } from "../../scripts/release/debian-package.ts";
import { manualPage } from "../../scripts/release/manual-page.ts";
import { PACKAGED, renderUnit } from "../../src/systemd/unit.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../cli/millrace.ts";
import {
  command,
  type DebianFiles,
  type DebianMachine,
  installDebian,
  startDebian,
} from "../support/debian-machine.ts";
import { EXECUTABLE } from "../support/executable.ts";
import { until } from "../support/until.ts";

const ROOT = join(import.meta.dir, "../..");
const CONFIG = "/etc/millrace/millrace.toml";
const DATA = "/var/lib/millrace";
const FIRST = "0.1.0-1";
const SECOND = "0.1.0-2";
const DROP_IN = "/etc/systemd/system/millrace.service.d";

/** Keeps the server from writing until it is killed. */
const HOLD = `
  const database = new (require("bun:sqlite").Database)(process.argv.at(-1));
  database.run("BEGIN IMMEDIATE");
  console.log("held");
  setInterval(() => {}, 1000);`;

let shared: TemporaryDirectory;
let files: DebianFiles;

beforeAll(async () => {
  shared = temporaryDirectory();
  for (const version of [FIRST, SECOND]) {
    await Bun.write(join(shared.path, `${version}.deb`), await packageOf(version));
  }
  cpSync(EXECUTABLE, join(shared.path, "millrace"));
  cpSync(process.execPath, join(shared.path, "bun"));
  files = installDebian();
}, 900_000);

afterAll(() => {
  files[Symbol.dispose]();
  shared[Symbol.dispose]();
});

test("lintian has nothing to say about the package", () => {
  const deb = join(shared.path, `${FIRST}.deb`);
  expect(command("lintian", "--allow-root", "--fail-on=error,warning", deb)).toBe("");
});

test("the manual page is rendered without a warning", async () => {
  const page = join(shared.path, "millrace.1");
  await Bun.write(page, manualPage({ version: "0.1.0", date: "2026-11-22" }));
  const man = ["man", "--warnings", "-E", "UTF-8", "-Tutf8", "-l", page];
  const rendered = Bun.spawnSync(man, { env: { ...Bun.env, LC_ALL: "C.UTF-8", MANWIDTH: "80" } });
  expect(rendered.stderr.toString()).toBe("");
  expect(rendered.stdout.toString()).toContain("MILLRACE_HTTP_PORT");
  expect(command("mandoc", "-T", "lint", page)).toBe("");
});

test("systemd takes the unit without a warning, with the exposure that README.md names", async () => {
  const readme = await Bun.file(join(ROOT, "README.md")).text();
  const [, exposure] = /overall exposure level of (\d\.\d)/.exec(readme) ?? [];
  await using machine = await startDebian(files, shared.path);
  await install(machine, FIRST);
  const verified = await machine.run("systemd-analyze", "verify", "--man=no", "millrace.service");
  expect(verified).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  const judged = await machine.shell("systemd-analyze security --no-pager millrace.service");
  expect(judged).toContain(`Overall exposure level for millrace.service: ${exposure} OK`);
});

test("a package is installed, configured, upgraded, removed and purged", async () => {
  await using machine = await startDebian(files, shared.path);
  await install(machine, FIRST);
  expect(await stateOf(machine)).toBe("inactive");
  expect(await machine.shell("systemctl is-enabled millrace")).toBe("enabled");
  expect(await machine.shell("stat -c '%U:%G %a' /etc/millrace")).toBe("root:millrace 750");
  expect(await machine.shell("getent passwd millrace")).toMatch(/:\/var\/lib\/millrace:.*nologin$/);
  expect((await machine.run("test", "-e", DATA)).exitCode).toBe(1);

  await machine.shell(`cp ${CONFIG}.example ${CONFIG} && systemctl start millrace`);
  expect(await stateOf(machine)).toBe("active");
  expect(await machine.shell("systemctl show -P StatusText millrace")).toContain("listens on http");
  expect(await machine.shell("millrace service status")).toContain("which is enabled");
  expect(await machine.shell("millrace health --url http://127.0.0.1:7070")).toContain(
    "is ready at",
  );
  expect(await machine.shell(`stat -c '%U %a' ${DATA} ${DATA}/keys.json`)).toBe(
    "millrace 700\nmillrace 600",
  );
  await asService(machine, "cache create kept");
  const process = await processOf(machine);

  await install(machine, SECOND);
  expect(await stateOf(machine)).toBe("active");
  expect(await processOf(machine)).not.toBe(process);
  expect(await asService(machine, "cache list")).toStartWith("kept ");
  expect(await machine.shell("dpkg --status millrace")).toContain(`Version: ${SECOND}`);

  await machine.shell("dpkg --remove millrace");
  expect(await stateOf(machine)).toBe("inactive");
  expect(await machine.shell(`ls ${DATA} /etc/millrace`)).toContain("millrace.db");
  await install(machine, SECOND);
  expect(await stateOf(machine)).toBe("active");
  expect(await asService(machine, "cache list")).toStartWith("kept ");

  await machine.shell("dpkg --purge millrace");
  const left = "find / -xdev -name '*millrace*' -not -path '/proc/*'";
  expect(await machine.shell(left)).toBe("");
});

test("a package is installed, upgraded and purged where systemd does not run", async () => {
  await using machine = await startDebian(files, shared.path);
  const without = (words: string) =>
    machine.shell(`unshare --mount sh -ec 'umount -l /run && ${words}'`);
  await without(`dpkg --install /shared/${FIRST}.deb >/dev/null`);
  await without(`dpkg --install /shared/${SECOND}.deb >/dev/null`);
  expect(await machine.shell("dpkg --status millrace")).toContain("Status: install ok installed");
  await without("dpkg --purge millrace >/dev/null");
  expect((await machine.run("dpkg-query", "-W", "millrace")).exitCode).toBe(1);
});

test("the service has no right and can do nothing that it does not need", async () => {
  await using machine = await startDebian(files, shared.path);
  await start(machine);
  const status = await machine.shell(`cat /proc/$(systemctl show -P MainPID millrace)/status`);
  expect(status).toMatch(/^CapBnd:\s+0+$/m);
  expect(status).toMatch(/^CapEff:\s+0+$/m);
  expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  expect(status).toMatch(/^Seccomp:\s+2$/m);
  expect(await machine.shell("cat /proc/$(systemctl show -P MainPID millrace)/limits")).toMatch(
    /^Max core file size +0 +0 /m,
  );
});

test("a reload takes up the log level, and one that cannot be done fails and harms nobody", async () => {
  await using machine = await startDebian(files, shared.path);
  await start(machine);
  const process = await processOf(machine);
  await machine.shell(`sed -i 's/^#level = .*/level = "debug"/' ${CONFIG}`);
  await machine.shell("systemctl reload millrace");
  expect(await logOf(machine)).toContain("Reloaded: log level");
  await machine.shell("kill -HUP $(systemctl show -P MainPID millrace)");
  await until("word of the second", async () => {
    return (await logOf(machine)).split("INFO Reloaded").length === 3;
  });
  await until("it is ready again", async () => (await stateOf(machine)) === "active");
  await machine.shell(`echo 'nonsense = 1' >> ${CONFIG}`);
  expect((await machine.run("systemctl", "reload", "millrace")).exitCode).toBe(1);
  expect(await logOf(machine)).toMatch(/configuration: nonsense in \S+ is unknown|nonsense/);
  expect(await processOf(machine)).toBe(process);
});

test("a server that hangs is started anew, and so is one whose disk hangs", async () => {
  await using machine = await startDebian(files, shared.path);
  const impatient = "WatchdogSec=3s\\nTimeoutAbortSec=1s\\nRestartSec=100ms";
  await machine.shell(
    `mkdir -p ${DROP_IN} && printf '[Service]\\n${impatient}\\n' > ${DROP_IN}/watchdog.conf`,
  );
  await start(machine);
  const restarts = () => machine.shell("systemctl show -P NRestarts millrace");
  const signs = async () =>
    Number(await machine.shell("systemctl show -P WatchdogTimestampMonotonic millrace"));
  const first = await signs();
  await until("a sign of life", async () => (await signs()) > first);
  await machine.shell("kill -STOP $(systemctl show -P MainPID millrace)");
  await until("a restart", async () => (await restarts()) === "1", 60_000);
  await until("a server", async () => (await stateOf(machine)) === "active", 60_000);
  {
    using held = machine.start("/shared/bun", "-e", HOLD, `${DATA}/millrace.db`);
    await held.prints("held");
    using _waiting = machine.start(
      ..."runuser -u millrace -- millrace cache create c --config".split(" "),
      CONFIG,
    );
    await until("another restart", async () => (await restarts()) === "2", 60_000);
  }
  expect((await logOf(machine)).match(/Watchdog timeout/g)).toHaveLength(2);
});

test("a wrong configuration ends the service for good, with every mistake in the log", async () => {
  await using machine = await startDebian(files, shared.path);
  await install(machine, FIRST);
  await machine.shell(`printf '[http]\\nport = 70000\\nhorst = 1\\n' > ${CONFIG}`);
  expect((await machine.run("systemctl", "start", "millrace")).exitCode).toBe(1);
  expect(await stateOf(machine)).toBe("failed");
  expect(await machine.shell("systemctl show -P ExecMainStatus -P NRestarts millrace")).toBe(
    "0\n78",
  );
  const log = await logOf(machine);
  for (const name of ["port", "horst"]) expect(log).toContain(`[http] ${name}`);
  const { stderr } = await machine.run("millrace", "service", "status");
  expect(stderr).toMatch(/^millrace: The service is failed \(exit-code\), and journalctl /);
});

test("secrets come as credentials, and a low port needs no root", async () => {
  const secret = join(shared.path, "tls.key");
  command(
    ...["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"],
    ...["-subj", "/CN=localhost", "-keyout", secret, "-out", join(shared.path, "tls.crt")],
  );
  await using machine = await startDebian(files, shared.path);
  await install(machine, FIRST);
  await machine.shell("install -m 0600 /shared/tls.key /shared/tls.crt /root");
  const lines = [
    "[Service]",
    ...["LoadCredential=tls.crt:/root/tls.crt", "LoadCredential=tls.key:/root/tls.key"],
    "Environment=MILLRACE_HTTP_TLS_CERTIFICATE=%d/tls.crt MILLRACE_HTTP_TLS_KEY=%d/tls.key",
    "Environment=MILLRACE_HTTP_PORT=443",
    ...["AmbientCapabilities=CAP_NET_BIND_SERVICE", "CapabilityBoundingSet=CAP_NET_BIND_SERVICE"],
    "PrivateUsers=no",
  ];
  writeFileSync(join(shared.path, "tls.conf"), `${lines.join("\n")}\n`);
  await machine.shell(`mkdir -p ${DROP_IN} && cp /shared/tls.conf ${DROP_IN}`);
  await machine.shell(`cp ${CONFIG}.example ${CONFIG} && systemctl daemon-reload`);
  await machine.shell("systemctl start millrace");
  expect(await machine.shell("millrace service status")).toContain("https://127.0.0.1:443");
  const user = "/run/credentials/millrace.service/tls.key";
  expect(await machine.shell(`runuser -u nobody -- cat ${user} || echo hidden`)).toBe("hidden");
});

test("the executable alone installs itself as a service, and takes it away again", async () => {
  await using machine = await startDebian(files, shared.path);
  const millrace = "/usr/local/bin/millrace";
  await machine.shell(`cp /shared/millrace ${millrace}`);
  const dry = await machine.shell(`${millrace} service install --dry-run`);
  expect((await machine.run("test", "-e", "/etc/systemd/system/millrace.service")).exitCode).toBe(
    1,
  );
  const stranger = await machine.run(
    "runuser",
    "-u",
    "nobody",
    "--",
    millrace,
    "service",
    "install",
  );
  expect(stranger.stderr).toMatch(/^millrace: Installing a service needs root: /);
  await machine.shell(`${millrace} service install`);
  expect(await machine.shell("cat /etc/systemd/system/millrace.service")).toBe(dry);
  expect(await machine.shell(`${millrace} service status`)).toContain("listens on http");
  const again = await machine.run(millrace, "service", "install", "--data", "/srv/topics");
  expect(again.stderr).toContain("is there and is not what this would write");
  await machine.shell(`${millrace} service remove`);
  expect((await machine.run(millrace, "service", "status")).stderr).toContain(
    "There is no service",
  );

  await machine.shell(`printf '[http]\\nport = 80\\n' > /etc/m.toml`);
  const flags = "--user topics --config /etc/m.toml --data /srv/topics";
  await machine.shell(`${millrace} service install ${flags}`);
  expect(await machine.shell(`${millrace} service status`)).toContain("http://127.0.0.1:80");
  expect(await machine.shell("stat -c '%U %a' /srv/topics")).toBe("topics 700");
  await machine.shell(`${millrace} service remove && test -e /srv/topics/millrace.db`);
});

test("the container runs as nobody, on a C library and nothing else, and says how it is", async () => {
  const context = join(shared.path, "context");
  mkdirSync(context);
  cpSync(join(ROOT, "scripts/container/Containerfile"), join(context, "Containerfile"));
  cpSync(
    join(shared.path, `${FIRST}.deb`),
    join(context, `millrace_${FIRST}_${architecture()}.deb`),
  );
  const store = [
    "--storage-driver=vfs",
    `--root=${shared.path}/store`,
    `--runroot=${shared.path}/run`,
  ];
  const buildah = (...words: string[]) => command("buildah", ...store, ...words).trim();
  const imageOf = (name: string, folder: string) => {
    const container = buildah("from", "scratch");
    buildah("copy", container, folder, "/");
    buildah("commit", container, name);
  };
  imageOf("localhost/unpacker", files.path);
  imageOf("localhost/base", libraryAlone());
  const args = { VERSION: FIRST, UNPACKER: "localhost/unpacker", BASE: "localhost/base" };
  const given = Object.entries(args).map(([name, value]) => `--build-arg=${name}=${value}`);
  const build = [
    "--isolation=chroot",
    "--pull-never",
    "--format=docker",
    "--tag=localhost/millrace",
  ];
  buildah("build", ...build, ...given, context);

  const container = buildah("from", "--pull-never", "localhost/millrace");
  const run = ["run", "--isolation=chroot", container, "--", "/usr/bin/millrace"];
  // By which its process is told from others.
  const region = `container-${process.pid}`;
  const serve = ["serve", "--port=0", "--host=127.0.0.1", `--region=${region}`];
  const server = Bun.spawn(["buildah", ...store, ...run, ...serve], { stdout: "pipe" });
  const { value } = await server.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toMatch(
    /^Millrace \S+ \(container-\d+\) listens on http:/,
  );
  expect(buildah(...run, "health")).toMatch(/^Millrace \S+ \(container-\d+\) is ready at http:/);
  const ofNobody = ["pgrep", "--uid=65532", "--full", `^/usr/bin/millrace serve .*${region}$`];
  command(
    "kill",
    ...command(...ofNobody)
      .trim()
      .split("\n"),
  );
  expect(await server.exited).toBe(0);
  expect(Bun.spawnSync(["buildah", ...store, ...run, "health"]).exitCode).toBe(1);
  const image = JSON.parse(buildah("inspect", "--type=image", "localhost/millrace")).Docker.config;
  expect(image.Healthcheck.Test).toEqual(["CMD", "/usr/bin/millrace", "health"]);
  expect(image.User).toBe("65532:65532");
});

/** The folders of an image that has what the executable is linked with. */
function libraryAlone(): string {
  const root = join(shared.path, "base");
  for (const path of command("ldd", EXECUTABLE).match(/\/\S+(?= \()/g) ?? []) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    cpSync(realpathSync(path), join(root, path));
  }
  mkdirSync(join(root, "tmp"), { mode: 0o1777 });
  return root;
}

function architecture(): "amd64" | "arm64" {
  return command("dpkg", "--print-architecture").trim() === "arm64" ? "arm64" : "amd64";
}

async function packageOf(version: string): Promise<Uint8Array> {
  const text = (path: string) => Bun.file(join(ROOT, path)).text();
  const names = ["postinst", "postrm", "prerm", "lintian-overrides"];
  const scripts = names.map(async (name) => [name, await text(`scripts/debian/${name}`)]);
  return await debianPackage({
    version,
    architecture: architecture(),
    date: new Date(1_790_000_000_000),
    executable: await Bun.file(EXECUTABLE).bytes(),
    documents: { changelog: await text("CHANGELOG.md") },
    manualPage: manualPage({ version, date: "2026-09-21" }),
    licence: await text("LICENSE"),
    scripts: Object.fromEntries(await Promise.all(scripts)),
  });
}

async function install(machine: DebianMachine, version: string): Promise<void> {
  await machine.shell(`dpkg --install /shared/${version}.deb`);
  const unit = await machine.shell("cat /usr/lib/systemd/system/millrace.service");
  expect(`${unit}\n`).toBe(renderUnit(PACKAGED));
}

async function start(machine: DebianMachine): Promise<void> {
  await install(machine, FIRST);
  await machine.shell(`cp ${CONFIG}.example ${CONFIG} && systemctl start millrace`);
}

async function stateOf(machine: DebianMachine): Promise<string> {
  return (await machine.run("systemctl", "is-active", "millrace")).stdout.trim();
}

function processOf(machine: DebianMachine): Promise<string> {
  return machine.shell("systemctl show -P MainPID millrace");
}

function logOf(machine: DebianMachine): Promise<string> {
  return machine.shell("journalctl --no-pager --unit millrace");
}

function asService(machine: DebianMachine, words: string): Promise<string> {
  return machine.shell(`runuser -u millrace -- millrace ${words} --config ${CONFIG}`);
}
