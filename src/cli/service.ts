// The service of systemd: what it is to run, and its way onto a machine and off it.

import { resolve } from "node:path";
import type { FlagValues } from "../config/flags.ts";
import { Settings } from "../config/schema.ts";
import { renderUnit, type Service, STATE_DIRECTORY } from "../systemd/unit.ts";
import { textOf } from "./command.ts";
import { CommandError, shown, UsageError } from "./failures.ts";
import type { Machine, Ran } from "./machine.ts";
import { readSettings } from "./settings.ts";

const UNIT = "millrace.service";
const UNIT_FILE = `/etc/systemd/system/${UNIT}`;
const PACKAGED_UNIT_FILES = [`/usr/lib/systemd/system/${UNIT}`, `/lib/systemd/system/${UNIT}`];
const DEFAULT_DATA: unknown = Settings.properties.storage.properties.data.default;
const DEFAULT_USER = "millrace";
const LOW_PORTS = 1024;
/** What a service does not see: the homes of users, and what others have in directories for temporary files. */
const UNSEEN = ["/home", "/root", "/run/user", "/tmp", "/var/tmp"];

/** A backslash at its end would continue the line, and spaces there are dropped where nothing is quoted. */
const NAMEABLE = /^[^\p{Cc}\\]*[^\p{Cc}\\\s]$/u;

/**
 * What the flags ask for, and the configuration file that they name; the environment of whoever
 * installs a service is not that of the service. Throws `UsageError`, `CommandError` or
 * `ConfigurationError`.
 */
export function planService(flags: FlagValues, executable: string | undefined): Service {
  if (executable === undefined) {
    throw new CommandError("Only the executable can be a service, not the source: bun run build.");
  }
  const { user = DEFAULT_USER, config, ...settingFlags } = flags;
  const settings = readSettings({ ...settingFlags, config }, {}, true);
  const { data } = settings.storage;
  const isStatedInFile =
    data !== DEFAULT_DATA && Object.values(settingFlags).every((value) => value !== data);
  const { port, tls } = settings.http;
  return {
    executable,
    user: requireUser(String(user)),
    config: config === undefined ? undefined : resolve(textOf(flags, "config") ?? ""),
    data: dataOf(data, isStatedInFile),
    namesData: !isStatedInFile,
    takesLowPort: [port, tls.redirect_port].some((one) => one > 0 && one < LOW_PORTS),
  };
}

/** Throws `CommandError` when the service would not see one of its files, or the unit cannot name it. */
export function requireSeen({ executable, config, data }: Service): void {
  requirePlace("The executable", executable, "/usr/local/bin/millrace");
  requirePlace("The configuration file", config, "/etc/millrace/millrace.toml");
  requirePlace("The data directory", data, STATE_DIRECTORY);
}

/** Makes what is missing, then starts it. Installing the same again changes nothing. */
export function installService(machine: Machine, service: Service): void {
  requireAdministrator(machine, "Installing");
  const packaged = packagedUnit(machine);
  if (packaged !== undefined) {
    throw new CommandError(
      `The service has come with a package, as ${packaged}: systemctl enable --now millrace starts it, and systemctl edit millrace changes it.`,
    );
  }
  const unit = renderUnit(service);
  const present = machine.readFile(UNIT_FILE);
  if (present !== undefined && present !== unit) {
    throw new CommandError(
      `${UNIT_FILE} is there and is not what this would write: millrace service remove takes it away, and leaves the data where they are.`,
    );
  }
  const [owner, group] = makeUser(machine, service.user);
  if (service.data !== STATE_DIRECTORY) machine.makeDirectory(service.data, owner, group);
  machine.writeFile(UNIT_FILE, unit);
  demand(machine.run("systemctl", "daemon-reload"), "systemd does not take the unit up");
  demand(
    machine.run("systemctl", "enable", "--now", UNIT),
    "The service is installed and does not start, and journalctl -u millrace tells why",
  );
}

/** Stops it, and leaves user and data where they are. */
export function removeService(machine: Machine): void {
  requireAdministrator(machine, "Removing");
  if (machine.readFile(UNIT_FILE) === undefined) {
    const packaged = packagedUnit(machine);
    throw new CommandError(
      packaged === undefined
        ? `There is no service to remove: ${UNIT_FILE} does not exist.`
        : `The service has come with a package, as ${packaged}, and goes with it.`,
    );
  }
  demand(machine.run("systemctl", "disable", "--now", UNIT), "The service cannot be stopped");
  machine.removeFile(UNIT_FILE);
  demand(machine.run("systemctl", "daemon-reload"), "systemd does not notice that it is gone");
}

/** How it is, in lines; throws when it does not run. */
export function describeService(machine: Machine): string {
  requireSystemd(machine, "Asking for");
  const names =
    "LoadState,FragmentPath,UnitFileState,ActiveState,Result,StatusText,MainPID,NRestarts";
  const shownBySystemd = machine.run("systemctl", "show", UNIT, `--property=${names}`);
  demand(shownBySystemd, "systemd does not answer");
  const of = new Map(
    shownBySystemd.stdout.split("\n").map((line): [string, string] => {
      const [name = "", ...value] = line.split("=");
      return [name, value.join("=")];
    }),
  );
  if (of.get("LoadState") === "not-found") {
    throw new CommandError("There is no service: millrace service install makes one.");
  }
  const unit = `${of.get("FragmentPath")}, which is ${of.get("UnitFileState")}`;
  const state = of.get("ActiveState");
  if (state !== "active" && state !== "reloading") {
    throw new CommandError(
      `The service is ${state} (${of.get("Result")}), and journalctl -u millrace tells why; its unit is ${unit}.`,
    );
  }
  return [
    `The service runs as process ${of.get("MainPID")}, restarted ${of.get("NRestarts")} times.`,
    `It says: ${of.get("StatusText")}`,
    `Its unit is ${unit}.`,
  ].join("\n");
}

function requireUser(name: string): string {
  if (/^[a-z_][a-z0-9_-]{0,31}$/.test(name) && name !== "root") return name;
  throw new UsageError(
    `--user is ${shown(name)}; it must be 1 to 32 of the characters a to z, 0 to 9, _ and -, and not root.`,
  );
}

function dataOf(data: string, isStatedInFile: boolean): string {
  if (data === DEFAULT_DATA) return STATE_DIRECTORY;
  if (!isStatedInFile || data.startsWith("/")) return resolve(data);
  throw new CommandError(
    `[storage] data is ${shown(data)} in the configuration file; for a service it must begin with /, such as ${STATE_DIRECTORY}.`,
  );
}

function requirePlace(what: string, path: string | undefined, better: string): void {
  if (path === undefined) return;
  if (!NAMEABLE.test(path)) {
    throw new CommandError(
      `${what} is ${shown(path)}, which a unit cannot name: its path must be without control characters and backslashes, and without spaces at its ends.`,
    );
  }
  const unseen = UNSEEN.find((place) => `${path}/`.startsWith(`${place}/`));
  if (unseen === undefined) return;
  throw new CommandError(
    `${what} ${path} lies in ${unseen}, which the service does not see: put it elsewhere, such as ${better}.`,
  );
}

function requireAdministrator(machine: Machine, work: string): void {
  requireSystemd(machine, work);
  if (machine.isRoot) return;
  throw new CommandError(`${work} a service needs root: put sudo before the command.`);
}

function requireSystemd(machine: Machine, work: string): void {
  if (machine.isLinux && machine.runsSystemd) return;
  const place = machine.isLinux ? "does not run on this machine" : "is only on Linux";
  throw new CommandError(`${work} a service needs systemd, which ${place}.`);
}

function packagedUnit(machine: Machine): string | undefined {
  return PACKAGED_UNIT_FILES.find((path) => machine.readFile(path) !== undefined);
}

/** Returns the ids of the user and of its group. */
function makeUser(machine: Machine, name: string): [number, number] {
  const find = () => /^[^:]*:[^:]*:(\d+):(\d+):/.exec(machine.run("getent", "passwd", name).stdout);
  if (find() === null) {
    const options = ["--system", "--user-group", "--no-create-home", "--home-dir", STATE_DIRECTORY];
    const useradd = machine.run("useradd", ...options, "--shell", "/usr/sbin/nologin", name);
    demand(useradd, `The user ${name} cannot be made`);
  }
  const [, owner, group] = find() ?? [];
  if (owner === undefined) throw new CommandError(`The user ${name} is not there.`);
  return [Number(owner), Number(group)];
}

function demand({ exitCode, stderr }: Ran, complaint: string): void {
  if (exitCode === 0) return;
  throw new CommandError(`${complaint}: ${stderr.trim().replace(/\.$/, "")}.`);
}
