// What cannot be seen from outside of connections by WebSocket: news is encoded once.

import { describe, expect, test } from "bun:test";
import { Codec, type Format } from "../../src/apis/deepstream-ws/codec.ts";
import type { Message } from "../../src/apis/deepstream-ws/message.ts";

describe("news for many", () => {
  test("is encoded once for all who are told the same of it", () => {
    const { codec, encoded } = open();
    const [first, second] = [{ name: "a" }, { name: "a" }];
    for (let teller = 0; teller < 1000; teller += 1) {
      expect(codec.encodeNews(first, tell)).toBe("1 a");
    }
    expect(encoded).toEqual(["1 a"]);
    codec.encodeNews(second, tell);
    expect(encoded).toEqual(["1 a", "1 a"]);
    expect(codec.encodeNews(second, tellOther)).toBe("2 a");
    expect(codec.encodeNews(first, tell)).toBe("1 a");
  });

  test("is told right where one piece comes in between another", () => {
    const { codec } = open();
    const [first, second] = [{ name: "a" }, { name: "b" }];
    const frames = [first, second, first, second].map((news) => codec.encodeNews(news, tell));
    expect(frames).toEqual(["1 a", "1 b", "1 a", "1 b"]);
  });
});

function open() {
  const encoded: string[] = [];
  const format: Format = {
    encode({ action, name }) {
      encoded.push(`${action} ${name}`);
      return `${action} ${name}`;
    },
    decode: () => ({ kind: "malformed" }),
  };
  return { codec: new Codec(format), encoded };
}

const tell = ({ name }: { name: string }): Message => ({ topic: 4, action: 1, name });
const tellOther = ({ name }: { name: string }): Message => ({ topic: 4, action: 2, name });
