// The page of the description in a real browser: its style is allowed, and it asks for nothing else.

import { expect, test } from "bun:test";
import { temporaryDirectory } from "../cli/millrace.ts";
import { openChromium } from "../support/chromium.ts";
import { serve } from "../support/executable.ts";

const START_MS = 120_000;

test(
  "it has its style, asks for nothing else, and fits its window",
  async () => {
    using data = temporaryDirectory();
    await using server = await serve(data.path);
    await using chromium = await openChromium();
    const page = await chromium.open(new URL("/docs", server.url).href);
    const seen = await page.evaluate(`({
      badge: getComputedStyle(document.querySelector(".method")).fontWeight,
      requests: performance.getEntriesByType("resource").length,
      isTooWide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
      operations: document.querySelectorAll("article details").length > 0,
    })`);
    expect(seen).toEqual({ badge: "700", requests: 0, isTooWide: false, operations: true });
  },
  START_MS,
);
