// What the open-source server answers to those who may not.

import { emit, write } from "../deepstream-http/commands.ts";
import type { Recorded } from "../deepstream-http/recorded.ts";

const NO_NUMBER = "an event is told by its name, and no number of an action is told";

const deniedEmit = {
  success: false,
  error: "Message denied. Action 'emit' is not permitted.",
  errorEvent: "MESSAGE_DENIED",
  errorAction: "emit",
  errorTopic: "event",
};

export const recordedPermissions: readonly Recorded[] = [
  {
    label: "event admin denied",
    body: { token: "tok-A", body: [emit("admin-only")] },
    status: 200,
    answer: { result: "FAILURE", body: [deniedEmit] },
  },
  {
    label: "event admin ok",
    body: { token: "tok-admin", body: [emit("admin-only")] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  {
    label: "events mixed denied/allowed",
    body: { token: "tok-A", body: [emit("forbidden/x"), emit("ok"), emit("forbidden/x")] },
    status: 200,
    answer: { result: "PARTIAL_SUCCESS", body: [deniedEmit, { success: true }, deniedEmit] },
  },
  denied("record read denied", "READ", 3, {
    ...{ topic: "record", action: "read", recordName: "forbidden/r" },
  }),
  denied("record write denied (create)", "CREATEANDUPDATE", 16, write("forbidden/r", {})),
  denied("record write denied (write)", "CREATEANDUPDATE", 16, write("readonly/r", {})),
  denied("record delete denied", "DELETE", 9, {
    ...{ topic: "record", action: "delete", recordName: "forbidden/r" },
  }),
  denied("record notify denied", "NOTIFY", 2, {
    ...{ topic: "record", action: "notify", recordNames: ["forbidden/r"] },
  }),
  {
    label: "valve $var ok",
    body: { token: "tok-A", body: [write("user/A/data", { x: 1 })] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  denied("valve $var denied", "CREATEANDUPDATE", 16, write("user/Z/data", { x: 1 })),
  {
    ...denied("valve oldData denied", "CREATEANDUPDATE", 16, write("price/p", { value: 15 })),
    before: [write("price/p", { value: 20 })],
  },
  {
    label: "valve patch merged data ok",
    body: { token: "tok-A", body: [{ ...write("price/p", 30), path: "value" }] },
    status: 200,
    answer: failing({
      ...{ errorTopic: "record", errorEvent: 115, success: false, action: 17 },
      error: 'Message denied. Action "CREATEANDPATCH" is not permitted.',
    }),
    differs: {
      why: "a write at a path is judged by the record as it would become",
      answer: { result: "SUCCESS", body: [{ success: true }] },
    },
  },
  {
    label: "xref missing record",
    body: { token: "tok-A", body: [write("xref/a", { v: 1 })] },
    status: 200,
    answer: failing({
      ...{ errorTopic: "record", errorEvent: 114, success: false },
      ...{ error: "An error occurred: undefined.", errorParams: "xref/a" },
    }),
    differs: {
      why: "the text says what happened",
      answer: failing({
        ...{ success: false, errorTopic: "record", errorEvent: "MESSAGE_PERMISSION_ERROR" },
        error:
          "The rule for writing this record failed, so it is not permitted; the log of the server says why.",
      }),
    },
  },
  {
    label: "xref create limits",
    body: { token: "tok-A", body: [write("limits", { max: 10 })] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  denied("xref denied", "CREATEANDUPDATE", 16, write("xref/a", { v: 11 })),
  {
    label: "rpc denied",
    body: { token: "tok-A", body: [{ topic: "rpc", action: "make", rpcName: "forbidden" }] },
    status: 200,
    answer: failing({
      ...{ errorTopic: "rpc", errorEvent: 107, success: false, action: 2 },
      error: 'Message denied. Action "REQUEST" is not permitted.',
    }),
    differs: {
      why: NO_NUMBER,
      answer: failing({
        ...{ errorTopic: "rpc", errorEvent: "MESSAGE_DENIED", success: false },
        error: 'Message denied. Action "REQUEST" is not permitted.',
      }),
    },
  },
];

function denied(label: string, operation: string, action: number, command: object): Recorded {
  const error = `Message denied. Action "${operation}" is not permitted.`;
  return {
    label,
    body: { token: "tok-A", body: [command] },
    status: 200,
    answer: failing({ errorTopic: "record", errorEvent: 115, success: false, action, error }),
    differs: {
      why: NO_NUMBER,
      answer: failing({
        ...{ errorTopic: "record", errorEvent: "MESSAGE_DENIED", success: false, error },
      }),
    },
  };
}

function failing(slot: object) {
  return { result: "FAILURE", body: [slot] };
}
