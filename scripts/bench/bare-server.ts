/** A server with nothing but Bun in it, against which ours is held. Run as a process of its own. */
import type { BareKind } from "./servers.ts";

const HEADERS = { "content-type": "application/json", "cache-control": "no-store" };
const CHECKED = [
  ...["authorization", "content-type", "content-length"],
  ...["content-encoding", "idempotency-key", "origin"],
];

const [kind, json] = process.argv.slice(2) as [BareKind, string?];
const answer =
  json === undefined
    ? () => new Response(null, { status: 204 })
    : () => new Response(json, { headers: HEADERS });

const handlers = {
  answers: answer,
  reads: async (request) => {
    await request.arrayBuffer();
    return answer();
  },
  checks,
  holds: holding(),
} satisfies Record<BareKind, Handler>;

/** So that what was looked at is used. */
let answered = 0;

type Handler = (request: Request) => Response | Promise<Response>;

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  development: false,
  fetch: handlers[kind],
});
console.log(`A bare server that ${kind} listens on http://127.0.0.1:${server.port}`);

/** What the HTTP of a publish cannot do without. */
async function checks(request: Request): Promise<Response> {
  await request.arrayBuffer();
  const found = CHECKED.filter((name) => request.headers.get(name) !== null);
  // As a group commit waits for those who came with it.
  await new Promise(setImmediate);
  answered += found.length;
  const headers = {
    "Topic-Sequence-Number": String(answered),
    "Topic-Sequence-Page": "1795300000",
  };
  return new Response(null, { status: 204, headers });
}

/** GET /held: how many it holds. Any other GET: holds it. POST: answers all that it holds with the body. */
function holding(): Handler {
  let held: ((response: Response) => void)[] = [];
  const answerAll = async (request: Request) => {
    const body = await request.text();
    const all = held;
    held = [];
    for (const answer of all) answer(new Response(body, { headers: HEADERS }));
    return new Response(null, { status: 204 });
  };
  return (request) => {
    if (request.method === "POST") return answerAll(request);
    if (request.url.endsWith("/held")) return new Response(String(held.length));
    return new Promise((resolve) => held.push(resolve));
  };
}
