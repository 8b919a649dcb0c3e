/** A server with nothing but Bun in it, against which ours is held. Run as a process of its own. */
import type { BareKind } from "./servers.ts";

const HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

const handlers = {
  answers: () => new Response(null, { status: 204 }),
  reads: async (request) => {
    await request.arrayBuffer();
    return new Response(null, { status: 204 });
  },
  holds: holding(),
} satisfies Record<BareKind, Handler>;

type Handler = (request: Request) => Response | Promise<Response>;

const kind = process.argv[2] as BareKind;
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  development: false,
  fetch: handlers[kind],
});
console.log(`A bare server that ${kind} listens on http://127.0.0.1:${server.port}`);

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
