/** Requests that ask to go on in another way than by WebSocket, which a server may ignore (RFC 9110 §7.8). */
import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { hasBody } from "./node_body.ts";
import type { PendingWebSocket } from "./node_upgrade.ts";

interface BufferGlobal {
  readonly Buffer: typeof Buffer;
}

/** Whether a request asks for a WebSocket (RFC 6455 §4.1). */
export function asksForWebSocket(incoming: IncomingMessage): boolean {
  const { method, headers: { upgrade = "" } } = incoming;
  return method === "GET" && !hasBody(incoming) && /(?:^|,)\s*websocket\s*(?:,|$)/i.test(upgrade);
}

/**
 * Puts a request back in front of what came behind it, without the field: its body is read then.
 *
 * @returns Whether that can be done: Deno has read of a body what it could, and without its chunks.
 */
export function putBack({ incoming, socket, head }: PendingWebSocket): boolean {
  const { Buffer } = globalThis as unknown as BufferGlobal;
  if ("Deno" in globalThis && incoming.headers["transfer-encoding"] !== undefined) return false;
  const parts = [Buffer.from(headOf(incoming), "latin1"), incoming.read() ?? NOTHING, head];
  socket.unshift(Buffer.concat(parts));
  return true;
}

const NOTHING = new Uint8Array(0);

function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? "";
    if (!/^upgrade$/i.test(name)) text += `${name}: ${rawHeaders[i + 1]}\r\n`;
  }
  return `${text}\r\n`;
}
