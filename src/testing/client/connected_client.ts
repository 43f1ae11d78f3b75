/** A client of the application under test, with what it holds open. */
import type { Application } from "../../web/application.ts";
import { connectThrough } from "../../websocket/client/websocket_connect.ts";
import type { OpenWebSocket } from "../../websocket/client/handshake.ts";
import type { Connection } from "../server/connection.ts";
import { MemoryWebSocket } from "../web_socket/memory_web_socket.ts";
import { HeldWebSocket } from "../web_socket/held_web_socket.ts";
import { TestWebSocket } from "../web_socket/test_web_socket.ts";
import { logIn, type LoginOptions } from "./log_in.ts";
import { checkRequestOptions, type TestRequestOptions } from "./request_options.ts";
import type { TestClient, TestEventStreamOptions } from "./test_client.ts";
import { TestCookies } from "./test_cookies.ts";
import { TestEventStream } from "./test_event_stream.ts";
import { beginning, TestResponse } from "./test_response.ts";
import { connectOptions, type TestWebSocketOptions } from "./web_socket_options.ts";
import { makeRequest, type Sender } from "./test_request.ts";
import { xsrfToken } from "./xsrf_pass.ts";

/** What a client is made with. */
export interface ClientParts {
  /** The application. */
  readonly application: Application;
  /** The way to it. */
  readonly connection: Connection;
}

const MAX_REDIRECTS = 20;

/** What every {@linkcode TestClient} is in truth. */
export class ConnectedClient implements TestClient {
  /** The application. */
  readonly app: Application;
  /** The cookies: those that responses have set, and those that a test sets. */
  readonly cookies: TestCookies;
  readonly #connection: Connection;
  readonly #open = new Set<TestResponse | TestEventStream | TestWebSocket>();

  constructor({ application, connection }: ClientParts) {
    this.app = application;
    this.#connection = connection;
    this.cookies = new TestCookies(`${connection.origin}/`);
  }

  /** What URLs begin with: `http://localhost` without a socket, with its port over one. */
  get origin(): string {
    return this.#connection.origin;
  }

  // ---- requests

  /** Sends a `GET`; see {@linkcode fetch}. */
  get(path: string, options: TestRequestOptions = {}): Promise<TestResponse> {
    return this.fetch(path, { ...options, method: "GET" });
  }

  /** Sends a `HEAD`; see {@linkcode fetch}. */
  head(path: string, options: TestRequestOptions = {}): Promise<TestResponse> {
    return this.fetch(path, { ...options, method: "HEAD" });
  }

  /** Sends a `POST`; see {@linkcode fetch}. */
  post(path: string, options: TestRequestOptions = {}): Promise<TestResponse> {
    return this.fetch(path, { ...options, method: "POST" });
  }

  /** Sends a `PUT`; see {@linkcode fetch}. */
  put(path: string, options: TestRequestOptions = {}): Promise<TestResponse> {
    return this.fetch(path, { ...options, method: "PUT" });
  }

  /** Sends a `PATCH`; see {@linkcode fetch}. */
  patch(path: string, options: TestRequestOptions = {}): Promise<TestResponse> {
    return this.fetch(path, { ...options, method: "PATCH" });
  }

  /** Sends a `DELETE`; see {@linkcode fetch}. */
  delete(path: string, options: TestRequestOptions = {}): Promise<TestResponse> {
    return this.fetch(path, { ...options, method: "DELETE" });
  }

  /** See {@linkcode TestClient}. */
  async fetch(path: string, options: TestRequestOptions = {}): Promise<TestResponse> {
    checkRequestOptions(options);
    const response = await this.#send(this.#urlOf(path, options), options, []);
    const { status = response.status } = options;
    if (status === response.status) return response;
    const text = beginning(await response.text());
    throw new Error(`Expected the status ${status}, but got ${response}: ${text}`);
  }

  async #send(
    url: URL,
    options: TestRequestOptions,
    history: readonly TestResponse[],
  ): Promise<TestResponse> {
    const request = makeRequest(url, options, this.#sender);
    const { remoteIp } = options;
    const answer = await this.#connection.fetch(request, { remoteIp });
    const { method } = request;
    if (answer.status === 101) {
      throw new Error(`Cannot ${method} ${url}: it answers with a WebSocket, use websocket()`);
    }
    const response = new TestResponse(answer, { method, url: url.href, history });
    this.#keep(response, url);
    const next = options.follow ? this.#redirect(response) : null;
    if (next === null) return response;
    if (history.length >= MAX_REDIRECTS) {
      throw new Error(`Cannot follow ${response}: there were ${MAX_REDIRECTS} redirects before`);
    }
    return await this.#send(next, redirected(options, response, method), [...history, response]);
  }

  #keep(response: TestResponse, url: URL): void {
    this.cookies.keep(response.headers, url.href);
    if (response.body === null) return;
    // A test may send thousands, and need not read them.
    if (this.#open.size % 256 === 255) this.#forgetRead();
    this.#open.add(response);
  }

  #forgetRead(): void {
    for (const each of this.#open) {
      if (each instanceof TestResponse && each.bodyUsed) this.#open.delete(each);
    }
  }

  /** Where a response leads, if it is the application. */
  #redirect({ status, location, url }: TestResponse): URL | null {
    if (location === null || ![301, 302, 303, 307, 308].includes(status)) return null;
    const next = new URL(location, url);
    return next.origin === this.origin ? next : null;
  }

  get #sender(): Sender {
    return { cookies: this.cookies, settings: this.app.settings };
  }

  #urlOf(path: string, { query = {} }: TestRequestOptions): URL {
    // A path may begin with two slashes, which a relative URL takes for a host.
    const url = new URL(path.startsWith("/") ? this.origin + path : path, `${this.origin}/`);
    if (url.origin !== this.origin) {
      throw new TypeError(`Cannot fetch ${url}: the application is at ${this.origin}`);
    }
    for (const [name, value] of Object.entries(query)) url.searchParams.append(name, String(value));
    return url;
  }

  // ---- users

  /** See {@linkcode TestClient}. */
  async login(user: unknown, options: LoginOptions = {}): Promise<void> {
    const url = new URL(this.origin);
    const request = makeRequest(url, {}, this.#sender);
    const response = await logIn(this.app, request, { user, options });
    this.cookies.keep(response.headers, url.href);
  }

  /** The token against cross-site request forgery that goes with the client's cookie. */
  get xsrfToken(): string {
    return xsrfToken(this.cookies, this.app.settings);
  }

  // ---- connections

  /** See {@linkcode TestClient}. */
  async websocket(path: string, options: TestWebSocketOptions = {}): Promise<TestWebSocket> {
    const url = this.#urlOf(path, {});
    const { remoteIp } = options;
    const keep = (response: Response) => this.cookies.keep(response.headers, url.href);
    const open = this.#connection.opener({ remoteIp }, keep);
    let current: MemoryWebSocket | undefined;
    const opener: OpenWebSocket | undefined = open && ((url, init) => {
      const socket = open(url, init);
      current = memoryOf(socket);
      return socket;
    });
    const { caCerts } = this.#connection;
    const connection = await connectThrough(opener, url.href.replace(/^http/, "ws"), {
      ...connectOptions(options, this.cookies.getCookieString(url.href)),
      ...caCerts !== undefined && { caCerts },
    });
    const socket = new HeldWebSocket(connection, () => current);
    this.#open.add(socket);
    connection.closed.then(() => this.#open.delete(socket));
    return socket;
  }

  /** See {@linkcode TestClient}. */
  async eventStream(
    path: string,
    options: TestEventStreamOptions = {},
  ): Promise<TestEventStream> {
    const { lastEventId = "", ...rest } = options;
    const leaving = new AbortController();
    const headers = new Headers(rest.headers);
    headers.set("accept", "text/event-stream");
    if (lastEventId !== "") headers.set("last-event-id", bytesOf(lastEventId));
    const { signal } = leaving;
    const response = await this.fetch(path, { ...rest, headers, signal, status: 200 });
    const stream = new TestEventStream(response, leaving, lastEventId);
    this.#open.delete(response);
    this.#open.add(stream);
    return stream;
  }

  /** Gives up what is open: responses that nobody has read, event streams, WebSockets. */
  async leave(): Promise<void> {
    const open = [...this.#open];
    this.#open.clear();
    await Promise.all(open.map(leave));
  }
}

function memoryOf(socket: unknown): MemoryWebSocket | undefined {
  return socket instanceof MemoryWebSocket ? socket : undefined;
}

/** A field value has one character for each byte. */
function bytesOf(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

async function leave(open: TestResponse | TestEventStream | TestWebSocket): Promise<void> {
  if (open instanceof TestEventStream) return await open.close();
  if (open instanceof TestWebSocket) return await open[Symbol.asyncDispose]();
  if (!open.bodyUsed) await open.body?.cancel().catch(() => {});
}

/** What a browser sends to where a redirect leads (WHATWG Fetch, "HTTP-redirect fetch"). */
function redirected(
  options: TestRequestOptions,
  { status }: TestResponse,
  method: string,
): TestRequestOptions {
  const { query: _, ...rest } = options;
  const becomesGet = status === 303 ? method !== "HEAD" : status < 303 && method === "POST";
  if (!becomesGet) return { ...rest, method };
  const { form: _form, files: _files, json: _json, body: _body, ...bare } = rest;
  return { ...bare, method: "GET" };
}
