// The unit by which systemd runs Millrace: one text for `millrace service install` and for packages.

/** Where systemd keeps the state of a service that has the name of this one. */
export const STATE_DIRECTORY = "/var/lib/millrace";

export interface Service {
  /** All paths begin with a slash. */
  readonly executable: string;
  readonly user: string;
  /** Undefined: the settings are their defaults. */
  readonly config: string | undefined;
  readonly data: string;
  /** Whether the configuration file says nothing of the data directory, so that the unit has to. */
  readonly namesData: boolean;
  /** Whether it listens on a port that only root may take: it is given that right and no other. */
  readonly takesLowPort: boolean;
}

/** As it comes in packages. */
export const PACKAGED: Service = {
  executable: "/usr/bin/millrace",
  user: "millrace",
  config: "/etc/millrace/millrace.toml",
  data: STATE_DIRECTORY,
  namesData: false,
  takesLowPort: false,
};

export function renderUnit(service: Service): string {
  const { executable, user, config, data, namesData, takesLowPort } = service;
  const flags = [
    ...(config === undefined ? [] : ["--config", config]),
    ...(namesData ? ["--data", data] : []),
  ];
  const command = (name: string) =>
    [executable, name, ...flags].map((word) => quoted(word.replaceAll("$", "$$$$"))).join(" ");
  return `[Unit]
Description=Millrace, durable topics and records over HTTP
Wants=network-online.target
After=network-online.target
RequiresMountsFor=${quoted(data)}
${config === undefined ? "" : `ConditionPathExists=${escaped(config)}\n`}
[Service]
# It says itself when it is ready, reloading and stopping, and that it is alive.
Type=notify
NotifyAccess=main
User=${user}
# Says all that is wrong with the configuration, which then ends the server with 78.
ExecStartPre=-${command("check-config")}
ExecStart=${command("serve")}
ExecReload=${command("reload")}
WatchdogSec=2min
# A database of an older version is brought up to date at the start, however large it is.
TimeoutStartSec=1h
TimeoutStopSec=30s
Restart=on-failure
RestartSec=5s
RestartPreventExitStatus=78
# A connection takes a descriptor. A core would hold tokens and keys.
LimitNOFILE=524288
LimitCORE=0

# All that it may write to.
${data === STATE_DIRECTORY ? "StateDirectory=millrace\nStateDirectoryMode=0700" : `ReadWritePaths=${quoted(data)}`}
# For [log] audit_file, where that is set.
LogsDirectory=millrace
LogsDirectoryMode=0750
WorkingDirectory=${escaped(data)}
UMask=0077
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateMounts=yes
PrivateDevices=yes
DevicePolicy=closed

# All that it may do.
${rights(takesLowPort)}
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
KeyringMode=private
ProtectProc=invisible
ProcSubset=pid
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
# JavaScript is compiled while it runs, into memory that is written first and executed then.
MemoryDenyWriteExecute=no

[Install]
WantedBy=multi-user.target
`;
}

/** Rights in a namespace of its own would not count for a port of the machine. */
function rights(takesLowPort: boolean): string {
  if (!takesLowPort) return "CapabilityBoundingSet=\nPrivateUsers=yes";
  return "CapabilityBoundingSet=CAP_NET_BIND_SERVICE\nAmbientCapabilities=CAP_NET_BIND_SERVICE";
}

/** One word of a command line or a list, whatever is in it. */
function quoted(word: string): string {
  const text = escaped(word);
  return /^[\w./@%:+=,$-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Without the meaning that a percent sign has in a unit. */
function escaped(text: string): string {
  return text.replaceAll("%", "%%");
}
