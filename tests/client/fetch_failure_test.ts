/** What `fetch` and WebSockets of Node and Bun say of a failure; what Deno says is tried by real ones. */
import { assertEquals } from "@std/assert";
import { toClientError } from "../../src/client/attempt/fetch_failure.ts";

const failed = (cause: Error) => new TypeError("fetch failed", { cause });
/** Of several addresses, none of which can be reached. */
const unreachable = () => Object.assign(new AggregateError([]), { code: "ECONNREFUSED" });

const SAID: readonly [error: Error, kind: string][] = [
  [failed(new Error("connect ECONNREFUSED 127.0.0.1:1")), "HTTPConnectError"],
  [failed(new Error("connect ETIMEDOUT 192.0.2.1:80")), "HTTPConnectError"],
  [failed(new Error("getaddrinfo ENOTFOUND nowhere.invalid")), "HTTPConnectError"],
  [failed(new Error("getaddrinfo EAI_AGAIN nowhere.invalid")), "HTTPConnectError"],
  [failed(unreachable()), "HTTPConnectError"],
  [new Error("unable to verify the first certificate"), "HTTPConnectError"],
  [new Error("write EPROTO 80:error:0A:SSL routines::wrong version number"), "HTTPConnectError"],
  [failed(new Error("other side closed")), "HTTPStreamClosedError"],
  [new Error("socket hang up"), "HTTPStreamClosedError"],
  [new Error("read ECONNRESET"), "HTTPStreamClosedError"],
  [new Error("Parse Error: Expected HTTP/, RTSP/ or ICE/"), "HTTPProtocolError"],
  [new TypeError("ECONNREFUSED: Unable to connect. Is the computer able …"), "HTTPConnectError"],
  [new Error("WebSocket connection to '…' failed: Failed to connect"), "HTTPConnectError"],
  [new Error("WebSocket connection to '…' failed: Connection ended"), "HTTPStreamClosedError"],
  [new Error("WebSocket connection to '…' failed: Invalid response"), "HTTPProtocolError"],
  [new Error("what nobody has heard of"), "HTTPNoResponseError"],
];

for (const [error, kind] of SAID) {
  const { message } = error.cause instanceof Error ? error.cause : error;
  const said = message === "" ? "no text, but a code" : `"${message}"`;
  Deno.test(`failure of which a runtime says ${said} is an ${kind}`, () => {
    assertEquals(toClientError(error, "Cannot fetch").constructor.name, kind);
  });
}
