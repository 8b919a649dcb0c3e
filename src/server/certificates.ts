// The certificate that the server shows: taken up anew by a reload, and by itself when its files change.

import type { Settings } from "../config/schema.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../telemetry/log.ts";
import { type Certificate, doubtOf, readCertificate } from "./certificate-file.ts";
import { FileWatch } from "./file-watch.ts";
import { type Reloadable, takeUp } from "./reloads.ts";

export class Certificates implements Disposable {
  readonly reloadable: Reloadable = { name: "certificates", reload: () => this.#reload() };
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #watch: Disposable | undefined;
  #current: Certificate;
  #apply: (certificate: Certificate) => Promise<void> = async () => {};

  /** Throws `StartError` when they cannot be used. */
  constructor(settings: Settings, clock: Clock, log: Log) {
    this.#settings = settings;
    this.#clock = clock;
    this.#log = log;
    using opened = new DisposableStack();
    this.#watch = opened.adopt(this.#watchFiles(), (watch) => watch?.[Symbol.dispose]());
    this.#current = this.#read();
    opened.move();
  }

  get current(): Certificate {
    return this.#current;
  }

  /** `apply` is given each new one; where it fails, the old stays in force. */
  onChange(apply: (certificate: Certificate) => Promise<void>): void {
    this.#apply = apply;
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
  }

  async #reload(): Promise<void> {
    const { chain, key } = this.#current;
    const anew = this.#read();
    if (anew.chain === chain && anew.key === key) return;
    await this.#apply(anew);
    this.#current = anew;
  }

  #read(): Certificate {
    const files = this.#settings.http.tls;
    const certificate = readCertificate(files);
    const doubt = doubtOf(certificate, files.certificate, this.#clock.now());
    if (doubt !== undefined) this.#log.warn(doubt);
    return certificate;
  }

  #watchFiles(): Disposable | undefined {
    const { certificate, key, check_seconds: seconds } = this.#settings.http.tls;
    if (seconds === 0) return undefined;
    return new FileWatch([certificate, key], this.#clock, seconds * 1000, () => {
      void takeUp(this.reloadable, this.#settings, this.#log).then((reason) => {
        if (reason === undefined) this.#log.info("Reloaded", { parts: this.reloadable.name });
      });
    });
  }
}
