/** A client of socket.io, with the retries that it has. */
import type { Invite, Visitor, Watcher, Word } from "./visitor.ts";

/** What is used of its client. */
interface Socket {
  readonly recovered: boolean;
  on(event: string, listener: (...args: never[]) => void): void;
  emitWithAck(event: string, ...args: unknown[]): Promise<unknown>;
  close(): void;
}

// The client's own bundle needs nothing else; npm ci in this folder brings it.
const CLIENT = new URL(
  "../bench/peers/node/node_modules/socket.io-client/dist/socket.io.esm.min.js",
  import.meta.url,
);
const { io }: { io(url: string, options: object): Socket } = await import(CLIENT.href);

/** Connects. */
export const invite: Invite = (url, topics, watcher): Visitor => {
  const { origin, searchParams } = new URL(url);
  const socket = io(origin, {
    transports: ["websocket"],
    query: Object.fromEntries(searchParams),
    forceNew: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 2_000,
    retries: 100,
    ackTimeout: 5_000,
  });
  return { ready: subscribe(socket, topics, watcher), ...senderOf(socket) };
};

function senderOf(socket: Socket): Omit<Visitor, "ready"> {
  return {
    async publish(topic: string, word: Word): Promise<void> {
      await socket.emitWithAck("publish", topic, word);
    },
    close: () => socket.close(),
  };
}

function subscribe(socket: Socket, topics: readonly string[], watcher: Watcher): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let first = true;
  socket.on("word", (topic: string, word: Word) => watcher.message(topic, word));
  socket.on("disconnect", () => watcher.left());
  socket.on("connect", async () => {
    if (!first) watcher.returned();
    // Rooms are restored with the session only.
    const { recovered } = socket;
    if (!recovered) await socket.emitWithAck("subscribe", topics);
    if (!first) { for (const topic of topics) watcher.resumed(topic, recovered); }
    first = false;
    resolve();
  });
  return promise;
}
