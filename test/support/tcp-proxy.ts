// A relay between a client and a server that a test can cut, as networks do.

import type { Socket } from "bun";

interface Pair {
  peer: Socket<Pair> | undefined;
  /** What came before the other side was there. */
  early: Uint8Array[];
}

export interface TcpProxy extends Disposable {
  readonly url: string;
  /** Connections that go through. */
  readonly connections: number;
  /** Ends every connection; while `isDown`, new ones end at once. */
  cut(isDown?: boolean): void;
  /** Lets connections through again. */
  mend(): void;
}

export function openTcpProxy(target: string): TcpProxy {
  const { hostname, port, protocol } = new URL(target);
  const open = new Set<Socket<Pair>>();
  let isDown = false;
  const relay = {
    data: ({ data }: Socket<Pair>, bytes: Uint8Array) => {
      if (data.peer === undefined) data.early.push(bytes.slice());
      else data.peer.write(bytes);
    },
    close({ data }: Socket<Pair>) {
      data.peer?.end();
    },
  };
  const server = Bun.listen<Pair>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      ...relay,
      open(socket) {
        socket.data = { peer: undefined, early: [] };
        if (isDown) {
          socket.terminate();
          return;
        }
        open.add(socket);
        void Bun.connect<Pair>({
          hostname,
          port: Number(port),
          data: { peer: socket, early: [] },
          socket: {
            ...relay,
            open(upstream) {
              socket.data.peer = upstream;
              for (const bytes of socket.data.early.splice(0)) upstream.write(bytes);
            },
          },
        });
      },
      close(socket) {
        open.delete(socket);
        socket.data.peer?.end();
      },
    },
  });
  const cut = (down = false) => {
    isDown = down;
    for (const socket of open) socket.terminate();
  };
  return {
    url: `${protocol}//127.0.0.1:${server.port}`,
    get connections() {
      return open.size;
    },
    cut,
    mend: () => {
      isDown = false;
    },
    [Symbol.dispose]() {
      cut(true);
      server.stop(true);
    },
  };
}
