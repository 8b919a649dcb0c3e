/** Keeps many clients that count what they are told, and one that tells them. Run as a process of its own. */
import { EVENT_ACTION, RECORD_ACTION, TOPIC } from "@deepstream/protobuf/dist/types/all";
import type { AudienceOrder, AudiencePlan, AudienceWord, Subject } from "./audience.ts";
import { bytesOf, connectAll, type Step } from "./deepstream-client.ts";
import { ownMicros } from "./machine.ts";

const NAME = "bench/one";
const DATA = JSON.stringify({ firstname: "Ada", lastname: "Lovelace", visits: 12 });
const event = { topic: TOPIC.EVENT, name: NAME, data: DATA };
const record = { topic: TOPIC.RECORD, name: NAME, data: DATA };
const many = { names: [NAME], correlationId: "1" };

const SUBSCRIBE: Readonly<Record<Subject, readonly Step[]>> = {
  event: [
    {
      bytes: bytesOf({ topic: TOPIC.EVENT, action: EVENT_ACTION.SUBSCRIBE, ...many }),
      answers: 1,
    },
  ],
  // The acknowledgement, and what the record holds.
  record: [
    {
      bytes: bytesOf({
        topic: TOPIC.RECORD,
        action: RECORD_ACTION.SUBSCRIBECREATEANDREAD,
        ...many,
      }),
      answers: 2,
    },
  ],
  nothing: [],
};

const TELL: Readonly<Record<Subject, Uint8Array>> = {
  event: bytesOf({ ...event, action: EVENT_ACTION.EMIT }),
  // As the client's setData sends it: whatever the next version is.
  record: bytesOf({ ...record, action: RECORD_ACTION.CREATEANDUPDATE, version: -1 }),
  nothing: new Uint8Array(),
};

const plan = JSON.parse(process.argv[2] ?? "") as AudiencePlan;
const members = await connectAll(plan.url, plan.count, () => SUBSCRIBE[plan.subject], fail);
const [teller] = await connectAll(plan.url, plan.subject === "nothing" ? 0 : 1, () => [], fail);
let told = 0;
let missing = 0;
let frameBytes = 0;
let onAll = () => {};
for (const member of members) {
  // Each is told once before anything is told again, so that counting all is counting each.
  let count = 0;
  member.onFrame = (payload) => {
    count += 1;
    if (count > told) fail("a member was told twice");
    // The version of a record takes more bytes as it grows.
    if (frameBytes > 0 && Math.abs(payload.length - frameBytes) > 9) fail("one was told otherwise");
    frameBytes = payload.length;
    missing -= 1;
    if (missing === 0) onAll();
  };
}
process.on("message", (order) => void tellFor(order as AudienceOrder));
say({ kind: "ready" });

async function tellFor({ seconds }: AudienceOrder): Promise<void> {
  const before = { told, at: performance.now(), micros: ownMicros() };
  while (performance.now() - before.at < seconds * 1000) await tellAll();
  const times = told - before.told;
  const lastMs = (performance.now() - before.at) / times;
  const generatorMicros = (ownMicros() - before.micros) / (times * plan.count);
  say({ kind: "told", times, lastMs, frameBytes, generatorMicros });
}

/** Resolves when everybody has got it. */
function tellAll(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  missing = plan.count;
  told += 1;
  onAll = resolve;
  teller?.write(TELL[plan.subject]);
  return promise;
}

function say(word: AudienceWord): void {
  process.send?.(word);
}

function fail(what: string): never {
  console.error(`A member of the audience failed: ${what.slice(0, 1000)}`);
  process.exit(1);
}
