/** A client of the application under test, as a test sees it. */
import type { Application } from "../../web/application.ts";
import type { TestWebSocket } from "../web_socket/test_web_socket.ts";
import type { LoginOptions } from "./log_in.ts";
import type { TestRequestOptions } from "./request_options.ts";
import type { TestCookies } from "./test_cookies.ts";
import type { TestEventStream } from "./test_event_stream.ts";
import type { TestResponse } from "./test_response.ts";
import type { TestWebSocketOptions } from "./web_socket_options.ts";

/**
 * Options of `TestClient.eventStream`.
 *
 * @category Testing
 */
export interface TestEventStreamOptions
  extends Pick<TestRequestOptions, "headers" | "query" | "remoteIp"> {
  /** The id of the last event that the client has: what it sends as `Last-Event-ID`. Default none. */
  readonly lastEventId?: string;
}

/**
 * Sends requests to an application, with cookies of its own, as a browser does. A `TestServer` is one,
 * and its `client()` makes more: another user, another device.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler } from "@gustnado/gustnado";
 * import { type TestClient, testServer } from "@gustnado/gustnado/testing";
 * import { assertEquals } from "@std/assert";
 *
 * class Hello extends RequestHandler {
 *   override getCurrentUser() {
 *     return this.getSignedCookie("user");
 *   }
 *
 *   override get() {
 *     this.write(`Hello, ${this.currentUser}`);
 *   }
 * }
 *
 * const app = new Application([["/", Hello]], { cookieSecret: "32 random bytes, in real life" });
 * await using t = testServer(app);
 * const other: TestClient = t.client();
 * await t.login("ada");
 * await other.login("grace");
 * assertEquals(await (await t.get("/")).text(), "Hello, ada");
 * assertEquals(await (await other.get("/")).text(), "Hello, grace");
 * ```
 *
 * @category Testing
 */
export interface TestClient {
  /** The application. */
  readonly app: Application;
  /** The cookies: those that responses have set, and those that a test sets. */
  readonly cookies: TestCookies;
  /** What URLs begin with: `http://localhost` without a socket, with its port over one. */
  readonly origin: string;
  /** The token against cross-site request forgery that goes with the client's cookie. */
  readonly xsrfToken: string;

  /** Sends a `GET`; see {@linkcode fetch}. */
  get(path: string, options?: TestRequestOptions): Promise<TestResponse>;

  /** Sends a `HEAD`; see {@linkcode fetch}. */
  head(path: string, options?: TestRequestOptions): Promise<TestResponse>;

  /** Sends a `POST`; see {@linkcode fetch}. */
  post(path: string, options?: TestRequestOptions): Promise<TestResponse>;

  /** Sends a `PUT`; see {@linkcode fetch}. */
  put(path: string, options?: TestRequestOptions): Promise<TestResponse>;

  /** Sends a `PATCH`; see {@linkcode fetch}. */
  patch(path: string, options?: TestRequestOptions): Promise<TestResponse>;

  /** Sends a `DELETE`; see {@linkcode fetch}. */
  delete(path: string, options?: TestRequestOptions): Promise<TestResponse>;

  /**
   * Sends a request, and keeps the cookies of the response.
   *
   * @param path The path, from its slash on, with a query if there is one; or a URL of the application.
   * @param options What is sent, and what is expected.
   * @returns The response, whatever its status, unless one was expected.
   * @throws {TypeError} If an option is unknown or ill-typed, or the URL is not the application's.
   * @throws {Error} If the status is not the one that was expected.
   */
  fetch(path: string, options?: TestRequestOptions): Promise<TestResponse>;

  /**
   * Logs a user in, without the application's form: sets the signed cookie, or the key of the session,
   * that `getCurrentUser` reads.
   *
   * @param user Text; or what JSON can be made of, which in a cookie is JSON text.
   * @param options Under which name, and where.
   * @throws {Error} If the application has no `cookieSecret`, or cannot keep the session.
   */
  login(user: unknown, options?: LoginOptions): Promise<void>;

  /**
   * Opens a WebSocket, with the client's cookies. Without a socket, those that the handshake sets are kept.
   *
   * @param path As for {@linkcode fetch}.
   * @param options As for `websocketConnect`.
   * @throws {HTTPClientError} If the application refuses, with its status.
   * @throws {TypeError} If an option is unknown or ill-typed.
   */
  websocket(path: string, options?: TestWebSocketOptions): Promise<TestWebSocket>;

  /**
   * Opens an event stream, as an `EventSource` does.
   *
   * @param path As for {@linkcode fetch}.
   * @throws {Error} If the status is not 200.
   * @throws {TypeError} If the answer is no event stream.
   */
  eventStream(path: string, options?: TestEventStreamOptions): Promise<TestEventStream>;
}
