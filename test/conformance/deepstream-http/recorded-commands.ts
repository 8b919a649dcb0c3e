// What the open-source server answers to commands about events, lists, RPCs and presence.

import type { Recorded } from "./recorded.ts";

export const recordedCommands: readonly Recorded[] = [
  {
    label: "seed batch: event+missing record",
    before: [{ topic: "record", action: "delete", recordName: "balance" }],
    body: {
      body: [
        { topic: "event", action: "emit", eventName: "stock-update", data: { apples: 40 } },
        { topic: "record", action: "read", recordName: "balance" },
      ],
    },
    status: 200,
    answer: {
      result: "PARTIAL_SUCCESS",
      body: [
        { success: true },
        {
          errorTopic: "record",
          errorEvent: 107,
          success: false,
          error: 'Record read failed. Record "balance" could not be found.',
        },
      ],
    },
  },
  {
    label: "event emit data null",
    body: { body: [{ topic: "event", action: "emit", eventName: "lights-on", data: null }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  {
    label: "list write",
    body: { body: [{ topic: "list", action: "write", listName: "l1", data: ["a", "b"] }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  {
    label: "list write non-string",
    body: { body: [{ topic: "list", action: "write", listName: "l1", data: [{ x: 1 }] }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "list write stale version",
    before: [
      { topic: "list", action: "delete", listName: "l1" },
      { topic: "list", action: "write", listName: "l1", data: ["a", "b"] },
    ],
    body: { body: [{ topic: "list", action: "write", listName: "l1", data: ["c"], version: 1 }] },
    status: 200,
    answer: {
      result: "FAILURE",
      body: [
        {
          errorTopic: "record",
          errorEvent: 102,
          success: false,
          error: 'Record update failed. Version 1 exists for record "l1".',
          currentVersion: 1,
          currentData: ["a", "b"],
        },
      ],
    },
  },
  {
    label: "list read missing",
    before: [{ topic: "list", action: "delete", listName: "l1" }],
    body: { body: [{ topic: "list", action: "read", listName: "l1" }] },
    status: 200,
    answer: {
      result: "FAILURE",
      body: [
        {
          errorTopic: "record",
          errorEvent: 107,
          success: false,
          error: 'Record read failed. Record "l1" could not be found.',
        },
      ],
    },
  },
  {
    label: "list head (unsupported)",
    body: { body: [{ topic: "list", action: "head", listName: "l1" }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "rpc no data",
    body: { body: [{ topic: "rpc", action: "make", rpcName: "echo" }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ data: { got: "UNDEFINED" }, success: true }] },
    differs: {
      why: "nobody can provide without a WebSocket, so there is no provider",
      answer: {
        result: "FAILURE",
        body: [
          {
            success: false,
            errorTopic: "rpc",
            errorEvent: "NO_RPC_PROVIDER",
            error: 'No provider was available to handle the RPC "echo".',
          },
        ],
      },
    },
  },
  {
    label: "rpc undefined result",
    body: { body: [{ topic: "rpc", action: "make", rpcName: "undef" }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
    differs: {
      why: "nobody can provide without a WebSocket, so there is no provider",
      answer: {
        result: "FAILURE",
        body: [
          {
            success: false,
            errorTopic: "rpc",
            errorEvent: "NO_RPC_PROVIDER",
            error: 'No provider was available to handle the RPC "undef".',
          },
        ],
      },
    },
  },
  {
    label: "rpc no provider",
    body: { body: [{ topic: "rpc", action: "make", rpcName: "nobody" }] },
    status: 200,
    answer: {
      result: "FAILURE",
      body: [
        {
          errorTopic: "rpc",
          errorEvent: 100,
          success: false,
          error: 'No provider was available to handle the RPC "nobody".',
        },
      ],
    },
  },
  {
    label: "rpc provider error string",
    body: { body: [{ topic: "rpc", action: "make", rpcName: "errs", data: 1 }] },
    status: 200,
    answer: {
      result: "FAILURE",
      body: [{ errorTopic: "rpc", error: "always errors", success: false }],
    },
    differs: {
      why: "nobody can provide without a WebSocket, so there is no provider",
      answer: {
        result: "FAILURE",
        body: [
          {
            success: false,
            errorTopic: "rpc",
            errorEvent: "NO_RPC_PROVIDER",
            error: 'No provider was available to handle the RPC "errs".',
          },
        ],
      },
    },
  },
  {
    label: "rpc provider rejects",
    body: { body: [{ topic: "rpc", action: "make", rpcName: "rejects", data: 1 }] },
    status: 200,
    answer: {
      result: "FAILURE",
      body: [
        {
          errorTopic: "rpc",
          errorEvent: 100,
          success: false,
          error: 'No provider was available to handle the RPC "rejects".',
        },
      ],
    },
  },
  {
    label: "rpc response timeout (accepted, silent)",
    body: { body: [{ topic: "rpc", action: "make", rpcName: "silent", data: 1 }] },
    status: 200,
    answer: {
      result: "FAILURE",
      body: [
        {
          errorTopic: "rpc",
          errorEvent: 104,
          success: false,
          error: "The RPC response timeout was exceeded by the provider.",
        },
      ],
    },
    differs: {
      why: "nobody can provide without a WebSocket, so there is no provider",
      answer: {
        result: "FAILURE",
        body: [
          {
            success: false,
            errorTopic: "rpc",
            errorEvent: "NO_RPC_PROVIDER",
            error: 'No provider was available to handle the RPC "silent".',
          },
        ],
      },
    },
  },
  {
    label: "presence query",
    body: { body: [{ topic: "presence", action: "query" }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ users: ["alice", "bob"], success: true }] },
    differs: {
      why: "nobody is online without a WebSocket",
      answer: { result: "SUCCESS", body: [{ success: true, users: [] }] },
    },
  },
  {
    label: "presence query names",
    body: { body: [{ topic: "presence", action: "query", names: ["alice", "zed"] }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ users: { alice: true, zed: false }, success: true }] },
    differs: {
      why: "nobody is online without a WebSocket",
      answer: { result: "SUCCESS", body: [{ success: true, users: { alice: false, zed: false } }] },
    },
  },
  {
    label: "presence with anonymous ws client",
    body: { body: [{ topic: "presence", action: "query" }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ users: ["alice", "bob"], success: true }] },
    differs: {
      why: "nobody is online without a WebSocket",
      answer: { result: "SUCCESS", body: [{ success: true, users: [] }] },
    },
  },
];
