/**
 * Tests of applications, under `Deno.test`, `node:test` and Bun's: no port, no process, no network.
 *
 * ```ts
 * import { Application, RequestHandler, WebSocketHandler } from "@gustnado/gustnado";
 * import { testServer } from "@gustnado/gustnado/testing";
 * import { assertEquals } from "@std/assert";
 *
 * class Main extends RequestHandler {
 *   override get() {
 *     this.write("Hello, world");
 *   }
 * }
 *
 * class Echo extends WebSocketHandler {
 *   override onMessage(message: string | Uint8Array) {
 *     this.writeMessage(message);
 *   }
 * }
 *
 * await using t = testServer(new Application([["/", Main], ["/ws", Echo]]));
 * const response = await t.get("/", { status: 200 });
 * assertEquals(await response.text(), "Hello, world");
 *
 * const socket = await t.websocket("/ws");
 * socket.writeMessage("hello");
 * assertEquals(await socket.readMessage(), "hello");
 * ```
 *
 * ## Testing
 *
 * {@linkcode testServer} runs an application, as a {@linkcode TestServer}, which is its first
 * {@linkcode TestClient}: it keeps {@linkcode TestCookies}, and gets a {@linkcode TestResponse}, a
 * {@linkcode TestWebSocket} or a {@linkcode TestEventStream}. With a socket it can have TLS:
 * {@linkcode testCertificate}.
 *
 * {@linkcode fakeTime} gives {@linkcode FakeTime}, which a test moves. {@linkcode captureLogs} gives a
 * {@linkcode LogCapture}, and {@linkcode expectLog} fails unless something is logged.
 *
 * @module
 */
export { type LoginOptions } from "./client/log_in.ts";
export type { FileContent, FormValue, RequestContent } from "./client/request_content.ts";
export type { TestRequestOptions } from "./client/request_options.ts";
export type { TestClient, TestEventStreamOptions } from "./client/test_client.ts";
export { type TestCookie, TestCookies } from "./client/test_cookies.ts";
export type { TestEvent } from "./client/event_stream_reader.ts";
export { TestEventStream } from "./client/test_event_stream.ts";
export { TestResponse } from "./client/test_response.ts";
export type { TestWebSocketOptions } from "./client/web_socket_options.ts";
export { type FakeTime, fakeTime, type FakeTimeOptions } from "./fake_time.ts";
export {
  captureLogs,
  type CaptureOptions,
  type ExpectedLog,
  expectLog,
  type LogCapture,
  type LogLine,
} from "./log_capture.ts";
export { type TestCertificate, testCertificate } from "./server/certificate.ts";
export { type TestServer, testServer, type TestServerOptions } from "./test_server.ts";
export { TestWebSocket } from "./web_socket/test_web_socket.ts";
