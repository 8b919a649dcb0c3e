/** Makes remote procedure calls as fast as they are answered, and answers them. Run as a process of its own. */
import { parse } from "@deepstream/protobuf/dist/src/message-parser";
import { RPC_ACTION, TOPIC } from "@deepstream/protobuf/dist/types/all";
import type { CallPlan } from "./calls.ts";
import { bytesOf, type Client, connectAll } from "./deepstream-client.ts";
import { measureLoad } from "./measure-load.ts";

const NAME = "bench/one";
const DATA = JSON.stringify({ firstname: "Ada", lastname: "Lovelace", visits: 12 });
const LAST_CHECK_MS = 10;
const about = { topic: TOPIC.RPC, name: NAME };
const provide = { topic: TOPIC.RPC, action: RPC_ACTION.PROVIDE, names: [NAME], correlationId: "1" };

const plan = (await Bun.stdin.json()) as CallPlan;
let made = 0;
let answered = 0;
let inFlight = 0;
let isRunning = true;
const steps = [{ bytes: bytesOf(provide), answers: 1 }];
const providers = await connectAll(plan.url, plan.providers, () => steps, fail);
const callers = await connectAll(plan.url, plan.callers, () => [], fail);
for (const provider of providers) provider.onFrame = (payload) => answer(provider, payload);
for (const caller of callers) callForever(caller);
await Bun.sleep(plan.warmSeconds * 1000);
const load = await measureLoad(plan, () => answered);
isRunning = false;
while (inFlight > 0) await Bun.sleep(LAST_CHECK_MS);
console.log(JSON.stringify(load));
process.exit(0);

function callForever(caller: Client): void {
  caller.onFrame = (payload) => {
    const { action, data } = messageOf(payload);
    if (action === RPC_ACTION.ACCEPT) return;
    if (action !== RPC_ACTION.RESPONSE || data !== DATA) fail(`a call was answered ${action}`);
    answered += 1;
    inFlight -= 1;
    if (isRunning) call(caller);
  };
  call(caller);
}

function call(caller: Client): void {
  made += 1;
  inFlight += 1;
  const correlationId = `${process.pid}-${made}`;
  caller.write(bytesOf({ ...about, action: RPC_ACTION.REQUEST, correlationId, data: DATA }));
}

function answer(provider: Client, payload: Buffer): void {
  const { action, correlationId } = messageOf(payload);
  if (action !== RPC_ACTION.REQUEST) fail(`a provider got ${action}`);
  const accept = { ...about, action: RPC_ACTION.ACCEPT, correlationId };
  const response = { ...about, action: RPC_ACTION.RESPONSE, correlationId, data: DATA };
  provider.write(Buffer.concat([bytesOf(accept), bytesOf(response)]));
}

function messageOf(payload: Buffer) {
  const [message] = parse(payload) as unknown as readonly [
    { readonly action: number; readonly correlationId?: string; readonly data?: string },
  ];
  return message;
}

function fail(what: string): never {
  console.error(`A call failed: ${what.slice(0, 1000)}`);
  process.exit(1);
}
