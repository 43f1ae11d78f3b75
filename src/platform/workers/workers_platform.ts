/** workerd (Cloudflare's) as a platform: the web's own interfaces, and WebSockets. */
import type { Platform } from "../platform.ts";
import { standardPlatform } from "../standard_platform.ts";
import { upgradeWebSocket } from "./workers_upgrade.ts";

/** What workerd adds to the web's own interfaces. */
interface WorkerGlobals {
  readonly FixedLengthStream?: new (
    length: number,
  ) => TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>;
}

/** Cloudflare sets it on every request: what a client has sent in it is gone. */
const clientAddressField = "cf-connecting-ip";

/** The platform of workerd: the web's interfaces, WebSockets, and the addresses of clients. */
export function workersPlatform(): Platform {
  const standard = standardPlatform();
  return {
    ...standard,
    name: "workerd",
    console: { ...standard.console, write },
    clientAddressField,
    bodyOfLength,
    upgradeWebSocket,
  };
}

/** To what is written to the standard error of its `process`, it adds a word in front. */
function write(text: string): void {
  console.error(text.trimEnd());
}

/** Of any other stream it sends chunks, whatever `Content-Length` says. Who only acts as workerd has none. */
function bodyOfLength(
  body: ReadableStream<Uint8Array>,
  length: number,
): ReadableStream<Uint8Array> {
  const { FixedLengthStream } = globalThis as unknown as WorkerGlobals;
  return FixedLengthStream === undefined ? body : body.pipeThrough(new FixedLengthStream(length));
}
