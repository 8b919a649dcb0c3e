// What the open-source server answers to commands about records.

import { expect } from "bun:test";
import type { Recorded } from "./recorded.ts";

export const recordedRecords: readonly Recorded[] = [
  {
    label: "record read existing",
    before: [
      { topic: "record", action: "delete", recordName: "cities/hamburg" },
      {
        topic: "record",
        action: "write",
        recordName: "cities/hamburg",
        data: { name: "Hamburg", pop: 1 },
      },
      {
        topic: "record",
        action: "write",
        recordName: "cities/hamburg",
        data: { name: "Hamburg", pop: 2 },
      },
    ],
    body: { body: [{ topic: "record", action: "read", recordName: "cities/hamburg" }] },
    status: 200,
    answer: {
      result: "SUCCESS",
      body: [{ version: 2, data: { name: "Hamburg", pop: 2 }, success: true }],
    },
  },
  {
    label: "record head missing",
    body: { body: [{ topic: "record", action: "head", recordName: "nope" }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ version: -1, success: true }] },
  },
  {
    label: "record read missing (single)",
    body: { body: [{ topic: "record", action: "read", recordName: "nope" }] },
    status: 200,
    answer: {
      result: "FAILURE",
      body: [
        {
          errorTopic: "record",
          errorEvent: 107,
          success: false,
          error: 'Record read failed. Record "nope" could not be found.',
        },
      ],
    },
  },
  {
    label: "record head after create",
    before: [
      { topic: "record", action: "delete", recordName: "w1" },
      { topic: "record", action: "write", recordName: "w1", data: { a: 1 } },
    ],
    body: { body: [{ topic: "record", action: "head", recordName: "w1" }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ version: 1, success: true }] },
  },
  {
    label: "record write version ok (current+1)",
    before: [
      { topic: "record", action: "delete", recordName: "w1" },
      { topic: "record", action: "write", recordName: "w1", data: { a: 1 } },
    ],
    body: {
      body: [{ topic: "record", action: "write", recordName: "w1", data: { a: 2 }, version: 2 }],
    },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  {
    label: "record write version too high (record wx, first write ok)",
    body: { body: [{ topic: "record", action: "write", recordName: "wx", data: { a: 1 } }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  {
    label: "record write version too high",
    before: [
      { topic: "record", action: "delete", recordName: "wx" },
      { topic: "record", action: "write", recordName: "wx", data: { a: 1 } },
    ],
    body: {
      body: [{ topic: "record", action: "write", recordName: "wx", data: { a: 3 }, version: 100 }],
    },
    status: 200,
    answer: {
      result: "FAILURE",
      body: [
        {
          errorTopic: "record",
          errorEvent: 108,
          success: false,
          error: 'Record update failed. Version 1 is not valid for record "wx".',
          currentVersion: 1,
          currentData: { a: 3 },
        },
      ],
    },
    differs: {
      why: "currentData is what is stored, not what was refused",
      answer: {
        result: "FAILURE",
        body: [
          {
            success: false,
            errorTopic: "record",
            errorEvent: "INVALID_VERSION",
            error: 'Record update failed. Version 1 is not valid for record "wx".',
            currentVersion: 1,
            currentData: { a: 1 },
          },
        ],
      },
    },
  },
  {
    label: "record write version -1",
    body: {
      body: [{ topic: "record", action: "write", recordName: "w1", data: { a: 5 }, version: -1 }],
    },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  {
    label: "record write version -2",
    body: {
      body: [{ topic: "record", action: "write", recordName: "w1", data: { a: 5 }, version: -2 }],
    },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "record write new record with version 1",
    before: [{ topic: "record", action: "delete", recordName: "w2" }],
    body: {
      body: [{ topic: "record", action: "write", recordName: "w2", data: { a: 1 }, version: 1 }],
    },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  {
    label: "record write new record with version 5",
    before: [{ topic: "record", action: "delete", recordName: "w3" }],
    body: {
      body: [{ topic: "record", action: "write", recordName: "w3", data: { a: 1 }, version: 5 }],
    },
    status: 200,
    answer: {
      result: "FAILURE",
      body: [
        {
          errorTopic: "record",
          errorEvent: 108,
          success: false,
          error: 'Record update failed. Version 0 is not valid for record "w3".',
          currentVersion: 0,
          currentData: { a: 1 },
        },
      ],
    },
    differs: {
      why: "currentData is what is stored: nothing",
      answer: {
        result: "FAILURE",
        body: [
          {
            success: false,
            errorTopic: "record",
            errorEvent: "INVALID_VERSION",
            error: 'Record update failed. Version 0 is not valid for record "w3".',
            currentVersion: 0,
          },
        ],
      },
    },
  },
  {
    label: "read after path",
    before: [
      { topic: "record", action: "delete", recordName: "w1" },
      { topic: "record", action: "write", recordName: "w1", data: { a: 1 } },
      { topic: "record", action: "write", recordName: "w1", data: { a: 2 } },
      { topic: "record", action: "write", recordName: "w1", data: { a: 5 } },
      { topic: "record", action: "write", recordName: "w1", data: { a: 5 } },
      { topic: "record", action: "write", recordName: "w1", path: "b.c[1].d", data: "x" },
    ],
    body: { body: [{ topic: "record", action: "read", recordName: "w1" }] },
    status: 200,
    answer: {
      result: "SUCCESS",
      body: [{ version: 5, data: { a: 5, b: { c: [null, { d: "x" }] } }, success: true }],
    },
  },
  {
    label: "record write path new record",
    before: [{ topic: "record", action: "delete", recordName: "w4" }],
    body: {
      body: [{ topic: "record", action: "write", recordName: "w4", path: "list[2]", data: 7 }],
    },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  {
    label: "record write path escapes/spaces",
    before: [{ topic: "record", action: "delete", recordName: "w5" }],
    body: {
      body: [
        { topic: "record", action: "write", recordName: "w5", path: ' a . b\\.c .["x"] ', data: 1 },
      ],
    },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
    differs: {
      why: "an index that is no number is refused, where the original made a member that JSON cannot keep",
      answer: {
        result: "FAILURE",
        body: [
          {
            success: false,
            errorTopic: "record",
            errorEvent: "INVALID_MESSAGE_DATA",
            error: expect.any(String),
          },
        ],
      },
    },
  },
  {
    label: "read w5",
    before: [
      { topic: "record", action: "delete", recordName: "w5" },
      { topic: "record", action: "write", recordName: "w5", path: ' a . b\\.c .["x"] ', data: 1 },
    ],
    body: { body: [{ topic: "record", action: "read", recordName: "w5" }] },
    status: 200,
    answer: {
      result: "SUCCESS",
      body: [{ version: 1, data: { a: { "b\\": { c: { "": [] } } } }, success: true }],
    },
    differs: {
      why: "the write before it is refused",
      answer: {
        result: "FAILURE",
        body: [
          {
            success: false,
            errorTopic: "record",
            errorEvent: "RECORD_NOT_FOUND",
            error: 'Record read failed. Record "w5" could not be found.',
          },
        ],
      },
    },
  },
  {
    label: 'record write path "" scalar',
    before: [{ topic: "record", action: "delete", recordName: "w6" }],
    body: { body: [{ topic: "record", action: "write", recordName: "w6", path: "", data: 1 }] },
    status: 200,
    answer: {
      result: "FAILURE",
      body: [
        {
          errorTopic: "record",
          errorEvent: 116,
          success: false,
          error: "An error occurred: undefined.",
          errorParams: "w6",
        },
      ],
    },
    differs: {
      why: "the text says what is wrong",
      answer: {
        result: "FAILURE",
        body: [
          {
            success: false,
            errorTopic: "record",
            errorEvent: "INVALID_MESSAGE_DATA",
            error: expect.any(String),
          },
        ],
      },
    },
  },
  {
    label: "record write path data null",
    body: { body: [{ topic: "record", action: "write", recordName: "w1", path: "b", data: null }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  {
    label: "record write scalar data no path",
    body: { body: [{ topic: "record", action: "write", recordName: "arr", data: "str" }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "record write null data no path",
    body: { body: [{ topic: "record", action: "write", recordName: "arr", data: null }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "record write path without data",
    body: { body: [{ topic: "record", action: "write", recordName: "arr", path: "a" }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "record write with config.writeAck",
    body: {
      body: [
        {
          topic: "record",
          action: "write",
          recordName: "arr",
          data: {},
          config: { writeAck: true },
        },
      ],
    },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "batch 2 writes, second stale",
    before: [{ topic: "record", action: "delete", recordName: "rec" }],
    body: {
      body: [
        { topic: "record", action: "write", recordName: "rec", data: { a: "b" } },
        { topic: "record", action: "write", recordName: "rec", data: { a: "b" }, version: 1 },
      ],
    },
    status: 200,
    answer: {
      result: "PARTIAL_SUCCESS",
      body: [
        { success: true },
        {
          errorTopic: "record",
          errorEvent: 102,
          success: false,
          error: 'Record update failed. Version 1 exists for record "rec".',
          currentVersion: 1,
          currentData: { a: "b" },
        },
      ],
    },
  },
  {
    label: "batch 2 writes, second v100",
    before: [
      { topic: "record", action: "delete", recordName: "rec" },
      { topic: "record", action: "write", recordName: "rec", data: { a: "b" } },
    ],
    body: {
      body: [
        { topic: "record", action: "write", recordName: "rec", data: { a: "b" } },
        { topic: "record", action: "write", recordName: "rec", data: { a: "b" }, version: 100 },
      ],
    },
    status: 200,
    answer: {
      result: "PARTIAL_SUCCESS",
      body: [
        { success: true },
        {
          errorTopic: "record",
          errorEvent: 108,
          success: false,
          error: 'Record update failed. Version 2 is not valid for record "rec".',
          currentVersion: 2,
          currentData: { a: "b" },
        },
      ],
    },
  },
  {
    label: "record delete missing",
    body: { body: [{ topic: "record", action: "delete", recordName: "never" }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  {
    label: "record notify existing",
    before: [
      {
        topic: "record",
        action: "write",
        recordName: "cities/hamburg",
        data: { name: "Hamburg", pop: 2 },
      },
    ],
    body: { body: [{ topic: "record", action: "notify", recordNames: ["cities/hamburg"] }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  {
    label: "record notify missing names",
    body: { body: [{ topic: "record", action: "notify" }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
];
