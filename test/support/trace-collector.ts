// A collector of OpenTelemetry, as far as tests need one.

import { until } from "./until.ts";

export interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code: number };
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}

/** Takes whatever comes, by OTLP over HTTP in JSON, on a port of its own. */
export class TraceCollector implements AsyncDisposable {
  readonly spans: Span[] = [];
  readonly bodies: string[] = [];
  readonly #server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const body = await request.text();
      this.bodies.push(body);
      const { resourceSpans } = JSON.parse(body);
      for (const { scopeSpans } of resourceSpans) {
        for (const { spans } of scopeSpans) this.spans.push(...spans);
      }
      return Response.json({});
    },
  });

  get endpoint(): string {
    return `http://127.0.0.1:${this.#server.port}/v1/traces`;
  }

  /** The span of that name, when it has come. */
  async span(name: string): Promise<Span> {
    return await until(`a span ${name}`, () => this.spans.find((span) => span.name === name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}
