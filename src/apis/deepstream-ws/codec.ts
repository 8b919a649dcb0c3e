// Between frames and messages, in either of the protocol's two forms; what is sent to many is written once.

import type { Frame } from "../../http/web-socket.ts";
import type { Decoded, Message } from "./message.ts";

/** One form of the messages: binary or JSON. */
export interface Format {
  /** The client is to find every member that the message has, also where it is 0, false or empty. */
  encode(message: Message): Frame;
  decode(frame: Frame): Decoded;
}

/** What somebody is told, from the news that all are told of. It must be the same function each time. */
export type Telling<News extends object> = (news: News) => Message;

export class Codec {
  readonly #format: Format;
  /** The last news and what became of it: whoever tells many tells them one after the other. */
  #news: object | undefined;
  #telling: unknown;
  #frame: Frame = "";

  constructor(format: Format) {
    this.#format = format;
  }

  encode(message: Message): Frame {
    return this.#format.encode(message);
  }

  decode(frame: Frame): Decoded {
    return this.#format.decode(frame);
  }

  /** As `encode` of the telling of the news, which is known by its identity. */
  encodeNews<News extends object>(news: News, telling: Telling<News>): Frame {
    if (this.#news !== news || this.#telling !== telling) {
      this.#frame = this.#format.encode(telling(news));
      this.#news = news;
      this.#telling = telling;
    }
    return this.#frame;
  }
}
