// The service on machines that are made up: what is done to them, and what keeps it from being done.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { CommandError, ConfigurationError, UsageError } from "../../src/cli/failures.ts";
import type { Machine, Ran } from "../../src/cli/machine.ts";
import {
  describeService,
  installService,
  planService,
  removeService,
  requireSeen,
} from "../../src/cli/service.ts";
import { PACKAGED, renderUnit } from "../../src/systemd/unit.ts";
import { millrace, temporaryDirectory } from "./millrace.ts";

const EXECUTABLE = "/usr/local/bin/millrace";
const UNIT_FILE = "/etc/systemd/system/millrace.service";
const OWN_UNIT = renderUnit(planService({}, EXECUTABLE));

describe("installing", () => {
  test("makes user and unit, and starts it", () => {
    const machine = machineWith({});
    installService(machine, planService({}, EXECUTABLE));
    expect(machine.files).toEqual({ [UNIT_FILE]: OWN_UNIT });
    expect(machine.ran).toEqual([
      "getent passwd millrace",
      "useradd --system --user-group --no-create-home --home-dir /var/lib/millrace --shell /usr/sbin/nologin millrace",
      "getent passwd millrace",
      "systemctl daemon-reload",
      "systemctl enable --now millrace.service",
    ]);
    expect(machine.directories).toEqual([]);
  });

  test("takes a user that is there, and makes a data directory of its own for it", () => {
    const machine = machineWith({ users: ["topics"] });
    installService(machine, planService({ user: "topics", data: "/srv/topics" }, EXECUTABLE));
    expect(machine.ran).not.toContainEqual(expect.stringContaining("useradd"));
    expect(machine.directories).toEqual(["/srv/topics 990:991"]);
    const unit = machine.files[UNIT_FILE];
    expect(unit).toContain("\nUser=topics\n");
    expect(unit).toContain("\nReadWritePaths=/srv/topics\n");
    expect(unit).toContain(`\nExecStart=${EXECUTABLE} serve --data /srv/topics\n`);
  });

  test("again changes nothing, and another way is refused", () => {
    const machine = machineWith({ files: { [UNIT_FILE]: OWN_UNIT }, users: ["millrace"] });
    installService(machine, planService({}, EXECUTABLE));
    expect(machine.files).toEqual({ [UNIT_FILE]: OWN_UNIT });
    const other = planService({ data: "/srv/topics" }, EXECUTABLE);
    expect(() => installService(machine, other)).toThrow(
      /is there and is not what this would write/,
    );
    expect(machine.files).toEqual({ [UNIT_FILE]: OWN_UNIT });
    expect(machine.directories).toEqual([]);
  });

  const refused: [string, Partial<Options>, RegExp][] = [
    ["on another system", { isLinux: false }, /needs systemd, which is only on Linux\.$/],
    [
      "without systemd",
      { runsSystemd: false },
      /needs systemd, which does not run on this machine/,
    ],
    ["without root", { isRoot: false }, /needs root: put sudo before the command\.$/],
    [
      "beside a package's",
      { files: { "/lib/systemd/system/millrace.service": "" } },
      /has come with a package, as \/lib\/systemd.*systemctl edit/,
    ],
    ["where no user can be made", { fails: "useradd" }, /^The user millrace cannot be made: no\.$/],
    [
      "that does not start",
      { fails: "systemctl enable" },
      /does not start, and journalctl -u millrace/,
    ],
  ];
  test.each(refused)("%s is refused in one sentence", (_, options, sentence) => {
    const machine = machineWith(options);
    const install = () => installService(machine, planService({}, EXECUTABLE));
    expect(install).toThrow(CommandError);
    expect(install).toThrow(sentence);
  });
});

describe("what is installed", () => {
  test("is told by a configuration file, with the paths and ports in it", async () => {
    using directory = temporaryDirectory();
    const config = join(directory.path, "a b.toml");
    await Bun.write(config, '[storage]\ndata = "/srv/a"\n[http]\nport = 80\n');
    const service = planService({ config }, EXECUTABLE);
    expect(service).toMatchObject({ config, data: "/srv/a", namesData: false, takesLowPort: true });
    const unit = renderUnit(service);
    expect(unit).toContain(`\nExecStart=${EXECUTABLE} serve --config "${config}"\n`);
    expect(unit).toContain(`\nConditionPathExists=${config}\n`);
    expect(unit).toContain("\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n");
    expect(unit).not.toContain("PrivateUsers=");
    const flagged = planService({ config, data: "/srv/b" }, EXECUTABLE);
    expect(flagged).toMatchObject({ data: "/srv/b", namesData: true });
    await Bun.write(config, '[storage]\ndata = "a"\n');
    expect(() => planService({ config }, EXECUTABLE)).toThrow(
      /for a service it must begin with \//,
    );
    await Bun.write(config, "[http]\nport = 70000\n");
    expect(() => planService({ config }, EXECUTABLE)).toThrow(ConfigurationError);
  });

  test("does not follow the environment of whoever installs it", () => {
    expect(planService({}, EXECUTABLE)).toEqual({
      ...PACKAGED,
      executable: EXECUTABLE,
      config: undefined,
      namesData: true,
    });
  });

  test.each(["root", "", "-a", "Ä", "a b", "x".repeat(33)])("is not run as the user %p", (user) => {
    expect(() => planService({ user }, EXECUTABLE)).toThrow(UsageError);
  });

  test.each(["/home/me/data", "/root/data", "/root", "/tmp/data", "/var/tmp/data"])(
    "is not kept in %s, which it would not see",
    (data) => {
      const service = planService({ data }, EXECUTABLE);
      expect(() => requireSeen(service)).toThrow(/which the service does not see/);
    },
  );

  test.each(["/srv/a\nExecStart=/b", "/srv/a\u0085", "/srv/a\\", "/srv/a "])(
    "has no file called %j, which a unit cannot name",
    (path) => {
      const named = { ...planService({}, EXECUTABLE), config: path };
      expect(() => requireSeen(named)).toThrow(/which a unit cannot name/);
    },
  );

  test("is the executable, neither the source nor one that it would not see", () => {
    expect(() => planService({}, undefined)).toThrow(/Only the executable can be a service/);
    const service = planService({}, "/home/me/millrace");
    expect(() => requireSeen(service)).toThrow(/put it elsewhere, such as \/usr/);
  });

  test("is written so that systemd takes each path as it is", () => {
    const unit = renderUnit({
      ...PACKAGED,
      config: '/etc/a b/$c%d"e',
      data: "/srv/a b%",
      namesData: true,
    });
    expect(unit).toContain(
      String.raw`ExecStart=/usr/bin/millrace serve --config "/etc/a b/$$c%%d\"e" --data "/srv/a b%%"`,
    );
    expect(unit).toContain('\nConditionPathExists=/etc/a b/$c%%d"e\n');
    expect(unit).toContain('\nReadWritePaths="/srv/a b%%"\n');
  });
});

test("removing stops the service and takes its unit away, and nothing else", () => {
  const machine = machineWith({ files: { [UNIT_FILE]: OWN_UNIT, "/etc/other": "" } });
  removeService(machine);
  expect(machine.files).toEqual({ "/etc/other": "" });
  expect(machine.ran).toEqual([
    "systemctl disable --now millrace.service",
    "systemctl daemon-reload",
  ]);
  expect(() => removeService(machine)).toThrow(/There is no service to remove/);
  const packaged = machineWith({ files: { "/usr/lib/systemd/system/millrace.service": "" } });
  expect(() => removeService(packaged)).toThrow(/has come with a package/);
  expect(() => removeService(machineWith({ isRoot: false }))).toThrow(
    /Removing a service needs root/,
  );
});

describe("the status", () => {
  const shown = (state: string) =>
    `LoadState=loaded\nFragmentPath=${UNIT_FILE}\nUnitFileState=enabled\nActiveState=${state}\nResult=exit-code\nStatusText=a=b\nMainPID=7\nNRestarts=2\n`;

  test("is told without root", () => {
    const machine = machineWith({ isRoot: false, shown: shown("active") });
    expect(describeService(machine)).toBe(
      `The service runs as process 7, restarted 2 times.\nIt says: a=b\nIts unit is ${UNIT_FILE}, which is enabled.`,
    );
  });

  test("fails where it does not run, or is not there", () => {
    expect(() => describeService(machineWith({ shown: shown("failed") }))).toThrow(
      /^The service is failed \(exit-code\), and journalctl -u millrace tells why/,
    );
    expect(() => describeService(machineWith({ shown: "LoadState=not-found\n" }))).toThrow(
      /There is no service: millrace service install makes one/,
    );
    expect(() => describeService(machineWith({ runsSystemd: false }))).toThrow(/needs systemd/);
  });
});

test("the source is no service", async () => {
  const { exitCode, stdout, stderr } = await millrace(["service", "install", "--dry-run"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(/^millrace: Only the executable can be a service, not the source: .*\n$/);
});

test("the unit for packagers is what the source says (bun scripts/generate.ts writes it)", async () => {
  const file = Bun.file(join(import.meta.dir, "../../scripts/systemd/millrace.service"));
  expect(await file.text()).toBe(renderUnit(PACKAGED));
});

interface Options {
  readonly isLinux: boolean;
  readonly isRoot: boolean;
  readonly runsSystemd: boolean;
  readonly files: Record<string, string>;
  readonly users: string[];
  /** How a command begins that does not succeed. */
  readonly fails: string;
  /** What systemctl show prints. */
  readonly shown: string;
}

function machineWith(options: Partial<Options>) {
  const files = { ...options.files };
  const users = [...(options.users ?? [])];
  const directories: string[] = [];
  const ran: string[] = [];
  const answers: Record<string, (name: string) => string | undefined> = {
    getent: (name) => (users.includes(name) ? `${name}:x:990:991::/:/bin/false\n` : undefined),
    useradd: (name) => String(users.push(name)),
    systemctl: () => options.shown ?? "",
  };
  const machine: Machine = {
    isLinux: options.isLinux ?? true,
    isRoot: options.isRoot ?? true,
    runsSystemd: options.runsSystemd ?? true,
    readFile: (path) => files[path],
    writeFile(path, text) {
      files[path] = text;
    },
    removeFile(path) {
      delete files[path];
    },
    makeDirectory: (path, owner, group) => void directories.push(`${path} ${owner}:${group}`),
    run(...words): Ran {
      const line = words.join(" ");
      ran.push(line);
      const fails = options.fails !== undefined && line.startsWith(options.fails);
      const stdout = fails ? undefined : answers[words[0] ?? ""]?.(words.at(-1) ?? "");
      return { exitCode: stdout === undefined ? 1 : 0, stdout: stdout ?? "", stderr: "no.\n" };
    },
  };
  return { ...machine, files, directories, ran };
}
