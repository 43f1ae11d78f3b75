/** The listeners of a connection that becomes a WebSocket. */
import type { Duplex } from "node:stream";

/**
 * Gives a connection a new table of its listeners. The old one keeps the size that requests needed, and
 * is a tenth of what an idle WebSocket takes. Errors are ignored until somebody else looks out for them.
 */
export function renewListeners(socket: Duplex): void {
  const names = socket.eventNames().filter((name) => name !== "error");
  const kept = names.map((name) => [name, socket.rawListeners(name)] as const);
  socket.removeAllListeners();
  for (const [name, listeners] of kept) {
    for (const listener of listeners) socket.on(name, listener as () => void);
  }
  socket.on("error", ignoreError);
}

/** What hears of errors until then: the end follows them. */
export function ignoreError(): void {}
