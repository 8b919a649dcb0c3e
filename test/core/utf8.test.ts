// The size of text: told from its length where that is enough, and right where it is not.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { isLongerThan } from "../../src/core/utf8.ts";

test("text is longer than so many bytes exactly when its UTF-8 is", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "é", "€", "😀", "\ud800"), maxLength: 20 });
  const property = fc.property(text, fc.nat(90), (written, bytesMax) => {
    expect(isLongerThan(written, bytesMax)).toBe(Buffer.byteLength(written) > bytesMax);
  });
  fc.assert(property, { numRuns: 1000 });
});
