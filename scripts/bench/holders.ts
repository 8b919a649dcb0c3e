/** Servers that hold requests until they are told to answer: ours by long polls, and a bare one. */
import { type BenchServer, CACHE, prepareData, startBare, startMillrace } from "./servers.ts";
import type { Workbench } from "./workbench.ts";

const MESSAGE = "hello world!";
const TOPIC = `/topics/${CACHE}/topic`;
/** As long as one of ours, so that the requests have the same size. */
const LOOKS_LIKE_A_TOKEN = "x".repeat(440);

export interface Holder {
  readonly server: BenchServer;
  /** For a poll that waits for the message after this one. */
  target(sequenceNumber: number): string;
  readonly token: string;
  /** How many requests it holds. */
  held(): Promise<number>;
  /** Answers them all with the next message, whose number this is. */
  wake(sequenceNumber: number): Promise<unknown>;
}

export async function startOurs(bench: Workbench): Promise<Holder> {
  const { path, token } = await prepareData(bench, await bench.directory());
  const server = await startMillrace(bench, { path, token });
  const headers = { authorization: token, "content-type": "text/plain" };
  return {
    server,
    target: (sequenceNumber) => `${TOPIC}?sequence_number=${sequenceNumber}`,
    token,
    async held() {
      const response = await fetch(`${server.url}/topics/${CACHE}`, { headers });
      const { topics } = (await response.json()) as { topics: { waiters: number }[] };
      return topics[0]?.waiters ?? 0;
    },
    wake: () => fetch(server.url + TOPIC, { method: "POST", headers, body: MESSAGE }),
  };
}

export async function startHolding(bench: Workbench): Promise<Holder> {
  const server = await startBare(bench, "holds");
  const post = (body: string) => fetch(server.url, { method: "POST", body });
  return {
    server,
    target: (sequenceNumber) => `${TOPIC}?sequence_number=${sequenceNumber}`,
    token: LOOKS_LIKE_A_TOKEN,
    held: async () => Number(await (await fetch(`${server.url}/held`)).text()),
    // The bytes that ours answers with.
    wake: (sequenceNumber) =>
      post(
        `{"items":[{"item":{"topic_sequence_number":${sequenceNumber},"value":{"text":"${MESSAGE}"}}}]}`,
      ),
  };
}
