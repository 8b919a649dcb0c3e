// Spans of requests, for a collector of OpenTelemetry. Loaded only where there is one: it is not small.

import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import {
  type ExportResult,
  ExportResultCode,
  W3CTraceContextPropagator,
} from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { RouteName } from "./request-counts.ts";

export interface TracesOptions {
  /** Where the collector takes OTLP over HTTP, in JSON. */
  readonly endpoint: string;
  /** Of the requests whose caller does not say whether they are traced. */
  readonly samplePercent: number;
  readonly version: string;
  readonly region: string;
  /** The collector did not take what it was sent; said once, until it does again. */
  readonly onFault: (why: string) => void;
  readonly onRecovery: () => void;
}

/** A request that is being answered. */
export interface RequestSpan {
  end(name: RouteName, status: number): void;
}

/** Spans that wait to be sent, after which more are dropped. */
const QUEUE_MAX = 2048;
/** Between two batches. */
const PAUSE_MS = 1000;
/** For one batch, after which it is given up. */
const EXPORT_MS_MAX = 5000;
/** For what is left when the server stops. */
const SHUTDOWN_MS_MAX = 500;

const propagator = new W3CTraceContextPropagator();
const headerGetter = {
  keys: (headers: Headers) => [...headers.keys()],
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
};

/** Disposing sends what is left, within half a second, after which nobody is told of anything. */
export class Traces implements AsyncDisposable {
  readonly #exporter: WatchedExporter;
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;

  constructor({ endpoint, samplePercent, version, region, onFault, onRecovery }: TracesOptions) {
    const url = endpoint;
    const sent = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_MS_MAX });
    this.#exporter = new WatchedExporter(sent, onFault, onRecovery);
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({
        "service.name": "millrace",
        "service.version": version,
        "cloud.region": region,
      }),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(samplePercent / 100) }),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: this.#exporter,
          maxQueueSize: QUEUE_MAX,
          scheduledDelayMillis: PAUSE_MS,
          exportTimeoutMillis: EXPORT_MS_MAX,
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer("millrace", version);
  }

  /** Continues the trace that the request names in its header traceparent. */
  begin(request: Request): RequestSpan {
    const { method } = request;
    const parent = propagator.extract(ROOT_CONTEXT, request.headers, headerGetter);
    const span = this.#tracer.startSpan(method, { kind: SpanKind.SERVER }, parent);
    return { end: (name, status) => end(span, method, name, status) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What fails is told as every export that fails.
    await Promise.race([this.#provider.shutdown().catch(() => {}), Bun.sleep(SHUTDOWN_MS_MAX)]);
    // A batch that the collector lets wait goes on for seconds: the log may be another server's by then.
    this.#exporter.fallSilent();
  }
}

/** The path stays out, and so does the query: names of topics are in one, tokens in the other. */
function end(span: Span, method: string, { api, route }: RouteName, status: number): void {
  if (span.isRecording()) {
    span.updateName(`${method} ${route}`);
    span.setAttributes({
      "http.request.method": method,
      "http.route": route,
      "http.response.status_code": status,
      "millrace.api": api,
    });
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

/** Tells when a collector begins to fail, and when that is over. */
class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #onFault: (why: string) => void;
  readonly #onRecovery: () => void;
  #isFailing = false;
  #isSilent = false;

  constructor(exporter: SpanExporter, onFault: (why: string) => void, onRecovery: () => void) {
    this.#exporter = exporter;
    this.#onFault = onFault;
    this.#onRecovery = onRecovery;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      this.#note(result);
      done(result);
    });
  }

  fallSilent(): void {
    this.#isSilent = true;
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #note({ code, error }: ExportResult): void {
    const isFailing = code !== ExportResultCode.SUCCESS;
    if (this.#isSilent || isFailing === this.#isFailing) return;
    this.#isFailing = isFailing;
    if (isFailing) this.#onFault(error?.message ?? "unknown");
    else this.#onRecovery();
  }
}
