// The APIs over HTTPS answer as they do over HTTP, with HTTP/1.1 and with HTTP/2.

import { afterAll, beforeAll, describe, setDefaultTimeout } from "bun:test";
import { adminHttpConformance } from "../conformance/admin-http.suite.ts";
import { deepstreamHttpConformance } from "../conformance/deepstream-http.suite.ts";
import { deepstreamHttpSettingsConformance } from "../conformance/deepstream-http-settings.suite.ts";
import { deepstreamWsConformance } from "../conformance/deepstream-ws.suite.ts";
import { deepstreamWsSettingsConformance } from "../conformance/deepstream-ws-settings.suite.ts";
import { momentoHttpConformance } from "../conformance/momento-http.suite.ts";
import { momentoHttpSettingsConformance } from "../conformance/momento-http-settings.suite.ts";
import type { OpenWith } from "../conformance/target.ts";
import { TLS } from "../support/certificates.ts";
import { openInProcess } from "../support/in-process-server.ts";

setDefaultTimeout(60_000);

// What fetch and WebSocket of this process look at whenever they connect.
Bun.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";

const openWithTls: OpenWith = (settings = {}) =>
  openInProcess({ ...settings, http: { ...settings.http, tls: TLS } });

describe.each(["http1.1", "http2"] as const)("%s", (protocol) => {
  const plain = globalThis.fetch;
  beforeAll(() => {
    globalThis.fetch = Object.assign(
      (input: string | URL | Request, init: RequestInit = {}) =>
        plain(input, {
          ...init,
          ...(String(input).startsWith("https") ? { protocol } : {}),
        } as never),
      { preconnect: plain.preconnect },
    );
  });
  afterAll(() => {
    globalThis.fetch = plain;
  });

  momentoHttpConformance(`TLS, ${protocol}`, () => openWithTls());
  momentoHttpSettingsConformance(`TLS, ${protocol}`, openWithTls);
  deepstreamHttpConformance(`TLS, ${protocol}`, () => openWithTls());
  deepstreamHttpSettingsConformance(`TLS, ${protocol}`, openWithTls);
  adminHttpConformance(`TLS, ${protocol}`, openWithTls);
  deepstreamWsConformance(`TLS, ${protocol}`, () => openWithTls());
  deepstreamWsSettingsConformance(`TLS, ${protocol}`, openWithTls);
});
