// What a program does with @deepstream/client that is given nothing but the server's address, in any runtime.

import type { DeepstreamClient } from "@deepstream/client";

interface Response {
  send(data: unknown): void;
  error(error: unknown): void;
}

/** What `roundTrip` resolves to when all went well; `tag` is that of the names. */
export function wentWell(tag: string) {
  return {
    who: [`bob-${tag}`],
    presence: [`+carol-${tag}`, `-carol-${tag}`],
    event: { text: "é", list: [1, null] },
    record: { data: { a: 1, list: [{ n: 7 }] }, version: 3 },
    seen: [1, 2, 3],
    snapshot: { a: 1, list: [{ n: 7 }] },
    list: [`r/${tag}`],
    answer: { sum: 3 },
    refusal: { why: "negative" },
    noProvider: "NO_RPC_PROVIDER",
    listened: `listened/${tag}`,
    errors: [],
  };
}

/**
 * Its text is handed to Node and to browsers, so it must need nothing from outside itself. The
 * names of users, events and records end with the tag, so that others leave them alone.
 */
export async function roundTrip(
  Client: typeof DeepstreamClient,
  url: string,
  tag: string,
): Promise<ReturnType<typeof wentWell>> {
  const until = async (what: string, ask: () => unknown) => {
    for (const end = Date.now() + 15_000; !ask(); ) {
      if (Date.now() > end) throw new Error(`not in time: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const errors: string[] = [];
  const login = async (name: string) => {
    const client = new Client(url);
    client.on("error", (_: unknown, event: string) => errors.push(`${name}: ${event}`));
    await client.login({ username: `${name}-${tag}` });
    return client;
  };
  const refusalOf = (call: Promise<unknown>) =>
    call.then(
      () => "answered" as never,
      (error) => error,
    );
  const alice = await login("alice");
  const bob = await login("bob");

  const all = (await alice.presence.getAll()) as unknown as string[];
  const who = all.filter((name) => name.endsWith(`-${tag}`));
  const presence: string[] = [];
  alice.presence.subscribe((name: string, is: boolean) => {
    if (name.startsWith("carol") && name.endsWith(tag)) presence.push(`${is ? "+" : "-"}${name}`);
  });

  const heard: unknown[] = [];
  bob.event.subscribe(`e/${tag}`, (data: unknown) => heard.push(data));
  await until("the event", () => {
    alice.event.emit(`e/${tag}`, { text: "é", list: [1, null] });
    return heard.length > 0;
  });

  const mine = alice.record.getRecord(`r/${tag}`);
  const theirs = bob.record.getRecord(`r/${tag}`);
  await Promise.all([mine.whenReady(), theirs.whenReady()]);
  const seen: number[] = [];
  theirs.subscribe("list[0].n", (n: number) => seen.push(n === 7 ? 3 : n));
  await mine.setWithAck({ a: 1, list: [{ n: 1 }] });
  await mine.setWithAck("list[0].n", 2);
  await until("the writes of the other", () => theirs.version === 2);
  await theirs.setWithAck("list[0].n", 7);
  await until("the write that comes back", () => mine.version === 3);
  const list = alice.record.getList(`l/${tag}`);
  await list.whenReady();
  list.addEntry(`r/${tag}`);
  const others = bob.record.getList(`l/${tag}`);
  await until("the list", () => others.getEntries().length === 1);

  bob.rpc.provide(`add/${tag}`, ({ a, b }: { a: number; b: number }, response: Response) => {
    if (a < 0) response.error({ why: "negative" });
    else response.send({ sum: a + b });
  });
  const add = (a: number, b: number) => alice.rpc.make(`add/${tag}`, { a, b });
  let answer: unknown;
  for (const end = Date.now() + 15_000; answer === undefined && Date.now() < end; ) {
    answer = await add(1, 2).catch(() => undefined);
  }
  const refusal = await refusalOf(add(-1, 2));
  const noProvider = await refusalOf(alice.rpc.make(`nobody/${tag}`, null));

  let listened = "";
  alice.event.listen(`^listened/${tag}$`, (match: string, response: { accept(): void }) => {
    listened = match;
    response.accept();
  });
  bob.event.subscribe(`listened/${tag}`, () => {});
  await until("the pattern's match", () => listened !== "");

  const carol = await login("carol");
  await until("carol is there", () => presence.length === 1);
  carol.close();
  await until("carol is gone", () => presence.length === 2);
  const result = {
    ...{ who, presence, event: heard[0], record: { data: mine.get(), version: mine.version } },
    ...{ seen, snapshot: await bob.record.snapshot(`r/${tag}`), list: others.getEntries() },
    ...{ answer, refusal, noProvider, listened, errors },
  };
  alice.close();
  bob.close();
  return result as ReturnType<typeof wentWell>;
}
