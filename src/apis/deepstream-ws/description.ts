// The paths of WebSockets as they tell of themselves.

import { type ApiDescription, type Operation, TEXT } from "../../http/description.ts";
import { jsonFailures } from "../../http/failures.ts";
import { NO_WEB_SOCKET } from "./plugin.ts";

const TAG = "WebSocket";

export function deepstreamWsDescription(): ApiDescription {
  return {
    tags: [
      {
        name: TAG,
        description:
          "Programs with `@deepstream/client` connect here: they subscribe to records and events, provide calls, and are online.",
      },
    ],
    operations: [
      connect("connect", "/deepstream", {
        summary: "Connect",
        format: "What follows are binary frames, as deepstream's client sends them by default.",
      }),
      connect("connectJson", "/deepstream-json", {
        summary: "Connect, to speak JSON",
        format: "What follows are text frames of JSON.",
      }),
    ],
  };
}

function connect(
  id: string,
  path: string,
  { summary, format }: { readonly summary: string; readonly format: string },
): Operation {
  const { 503: stopping, ...others } = jsonFailures("stopping");
  return {
    id,
    tag: TAG,
    method: "get",
    path,
    summary,
    description: `${format} The credentials come in them, not in this request.`,
    caller: "anyone",
    answers: {
      101: { description: "The connection is a WebSocket from now on." },
      403: {
        description: "- The page's origin may not call (`deepstream.origins`).",
        content: TEXT,
      },
      426: { description: "- The request asks for no WebSocket.", content: TEXT },
      ...others,
      503: {
        ...stopping,
        description: `- As many connections are open as may be (\`deepstream.connection.connections_max\`).\n${stopping?.description}`,
        content: { ...TEXT, ...stopping?.content },
      },
    },
    examples: [
      {
        name: "no-web-socket",
        summary: "With what speaks no WebSocket",
        answer: { status: 426, body: NO_WEB_SOCKET },
      },
    ],
  };
}
