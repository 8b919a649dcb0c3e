// The executable under a service manager, whose socket it speaks to from its start to its end.

import { expect, setDefaultTimeout, test } from "bun:test";
import { platform } from "node:os";
import { temporaryDirectory } from "../cli/millrace.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { millrace, serve } from "../support/executable.ts";
import { holdWriter } from "../support/hold-writer.ts";
import { openNotifyReceiver } from "../support/notify-receiver.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(180_000);

test.if(platform() === "linux").each(["path", "abstract"] as const)(
  "a server tells when it is ready, alive, reloading, ready again and stopping, at an address by %s",
  async (kind) => {
    using data = temporaryDirectory();
    using receiver = openNotifyReceiver(kind);
    // Seldom, so that what a slow machine has not read yet does not fill the socket.
    const env = { NOTIFY_SOCKET: receiver.address, WATCHDOG_USEC: "2000000" };
    await using server = await serve(data.path, [], { env });
    const ready = `READY=1\nSTATUS=${server.stdout().trimEnd()}`;
    expect(await receiver.next("")).toBe(ready);
    expect(await receiver.next("")).toBe("WATCHDOG=1");
    server.kill("SIGHUP");
    expect(await receiver.next("RELOADING=1")).toMatch(/\nMONOTONIC_USEC=\d+$/);
    expect(await receiver.next("READY=1")).toBe(ready);
    // What nobody reads holds the server up, and is lost in the end.
    const command = millrace("reload", "--data", data.path);
    await receiver.next("RELOADING=1");
    await receiver.next("READY=1");
    expect(await command).toMatchObject({ exitCode: 0 });
    server.kill("SIGTERM");
    expect(await receiver.next("STOPPING=1")).toContain("STATUS=");
    expect((await server.ended).exitCode).toBe(0);
    expect(receiver.take()).toEqual([]);
  },
);

test.if(platform() === "linux")(
  "a server whose service manager is gone runs, and says so once",
  async () => {
    using data = temporaryDirectory();
    await using server = await serve(data.path, [], { env: { NOTIFY_SOCKET: "/nobody" } });
    server.kill("SIGTERM");
    const { exitCode, stderr } = await server.ended;
    expect(exitCode).toBe(0);
    expect(stderr.match(/^millrace: The service manager cannot be told/gm)).toHaveLength(1);
  },
);

test.if(platform() === "linux")("gives no sign of life while a write hangs", async () => {
  using data = temporaryDirectory();
  using receiver = openNotifyReceiver();
  const env = { NOTIFY_SOCKET: receiver.address, WATCHDOG_USEC: "20000" };
  await using server = await serve(data.path, [], { env });
  await receiver.next("WATCHDOG=1");
  const client = new Client(() => server);
  let made: Promise<unknown>;
  {
    using _held = holdWriter(data.path);
    made = client.putCache("c");
    let silentLooks = 0;
    // Some are on their way, and are read first; twenty times as long is not by chance.
    await until("silence", () => {
      silentLooks = receiver.take().length === 0 ? silentLooks + 1 : 0;
      return silentLooks === 40;
    });
  }
  await receiver.next("WATCHDOG=1");
  await made;
});
