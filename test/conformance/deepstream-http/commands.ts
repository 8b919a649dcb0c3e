// Commands as programs write them, for tests that are about something else than their form.

export const emit = (eventName: string, data?: unknown) => ({
  ...{ topic: "event", action: "emit", eventName },
  ...(data !== undefined && { data }),
});

export const read = (recordName: string) => ({ topic: "record", action: "read", recordName });

export const head = (recordName: string) => ({ topic: "record", action: "head", recordName });

export const remove = (recordName: string) => ({ topic: "record", action: "delete", recordName });

export const write = (recordName: string, data: unknown, version?: number) => ({
  ...{ topic: "record", action: "write", recordName, data },
  ...(version !== undefined && { version }),
});

export const patch = (recordName: string, path: string, data: unknown, version?: number) => ({
  ...write(recordName, data, version),
  path,
});

export const notify = (recordNames: readonly string[]) => ({
  topic: "record",
  action: "notify",
  recordNames,
});

export const call = (rpcName: string, data?: unknown) => ({
  ...{ topic: "rpc", action: "make", rpcName },
  ...(data !== undefined && { data }),
});

export const readList = (listName: string) => ({ topic: "list", action: "read", listName });

export const writeList = (listName: string, data: readonly unknown[], version?: number) => ({
  ...{ topic: "list", action: "write", listName, data },
  ...(version !== undefined && { version }),
});

export const removeList = (listName: string) => ({ topic: "list", action: "delete", listName });

export const query = (names?: readonly string[]) => ({
  ...{ topic: "presence", action: "query" },
  ...(names !== undefined && { names }),
});

export const found = (version: number, data: unknown) => ({ success: true, version, data });

export const missing = (name: string) => ({
  success: false,
  error: `Record read failed. Record "${name}" could not be found.`,
  errorTopic: "record",
  errorEvent: "RECORD_NOT_FOUND",
});

export const noProvider = (name: string) => ({
  success: false,
  error: `No provider was available to handle the RPC "${name}".`,
  errorTopic: "rpc",
  errorEvent: "NO_RPC_PROVIDER",
});

/** `data` undefined: the record does not exist. */
export const conflict = (
  kind: "VERSION_EXISTS" | "INVALID_VERSION",
  name: string,
  version: number,
  data?: unknown,
) => ({
  success: false,
  error:
    kind === "VERSION_EXISTS"
      ? `Record update failed. Version ${version} exists for record "${name}".`
      : `Record update failed. Version ${version} is not valid for record "${name}".`,
  errorTopic: "record",
  errorEvent: kind,
  currentVersion: version,
  ...(data !== undefined && { currentData: data }),
});

export const DONE = { success: true };
