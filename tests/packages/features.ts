/**
 * What the package does, in the rows of the compatibility table: for each feature rules that hold of
 * the application in `smoke/`, wherever it runs.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { websocketConnect } from "../../src/websocket/client/websocket_connect.ts";
import { rawRequest, RawSocket } from "../support/raw_socket.ts";
import type { Service } from "../support/services.ts";
import { rawPeer } from "../support/websocket_peer.ts";
import { TopicClient } from "../support/topic_client.ts";

const TLS = new URL("../fixtures/tls/", import.meta.url);

/** The application as it runs somewhere. */
export interface Site {
  /** The TCP port on 127.0.0.1. */
  readonly port: number;
  /** What its process has printed. */
  readonly output: string;
  /** Where its files are; none where it has none. */
  readonly folder: string;
  /** The port of the Redis that its sessions are in, if there is one. */
  readonly redis: number | undefined;
  /** Ends it by a signal. */
  stop(signal?: Deno.Signal): Promise<void>;
}

/** A row of the table. */
export interface Feature {
  /** What it is called there. */
  readonly name: string;
  /** What has to be installed for its tests, besides the runtime. */
  readonly needs?: readonly Service[];
  /** What has to hold, by the rule. They run in their order, the last of the last ends the site. */
  readonly rules: Readonly<Record<string, (site: Site) => Promise<void>>>;
}

/** The rows. */
export const FEATURES: readonly Feature[] = [
  {
    name: "routes, JSON, error pages",
    rules: {
      "a route hands its groups over, and an object is JSON": async (site) => {
        const response = await get(site, "/hello/ada");
        assertMatch(
          response.headers.get("content-type") ?? "",
          /^application\/json/,
        );
        assertEquals(await response.json(), { hello: "ada" });
      },
      "one connection serves request after request": async ({ port }) => {
        using socket = await RawSocket.connect(port);
        const paths = [
          "/hello/ada",
          "/nothing",
          "/hello/bob",
          "/failing",
          "/hello/eve",
          "/hello/eve",
        ];
        for (const path of paths) {
          await socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
          const { complete, text } = await socket.readResponse();
          assert(complete, `the connection ended at ${path}`);
          if (path.startsWith("/hello")) assertStringIncludes(text, '"hello"');
        }
      },
      "a connection goes on behind a body that nobody reads": async ({ port }) => {
        using socket = await RawSocket.connect(port);
        const body = "Host: 127.0.0.1\r\nContent-Length: 3\r\n\r\nabc";
        for (let i = 0; i < 3; i++) {
          await socket.write(`POST /nothing HTTP/1.1\r\n${body}`);
          assertEquals((await socket.readResponse()).status, 404);
        }
        await socket.write("GET /hello/ada HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        assertStringIncludes((await socket.readResponse()).text, '"hello"');
      },
      "a protocol that nobody speaks here is not gone over to": async ({ port }) => {
        const fields =
          "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n";
        const request = `GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n${fields}\r\n`;
        const { status, complete, text } = await rawRequest(port, request);
        assertEquals([status, complete, text.length], [200, true, 20_000]);
      },
      "what is not there is 404, and what fails is 500": async (site) => {
        assertEquals(await status(site, "/nothing"), 404);
        assertEquals(await status(site, "/failing"), 500);
      },
    },
  },
  {
    name: "forms",
    rules: {
      "fields of a form are arguments": async (site) => {
        const body = new URLSearchParams([["name", "Ådå"], ["tag", "a"], [
          "tag",
          "b",
        ]]);
        const response = await get(site, "/form", { method: "POST", body });
        assertEquals(await response.json(), { name: "Ådå", all: ["a", "b"] });
      },
    },
  },
  {
    name: "uploads",
    rules: {
      "a file of a form has its name, type and bytes": async (site) => {
        const body = new FormData();
        body.set(
          "photo",
          new File([new Uint8Array(70_000)], "cloud.png", {
            type: "image/png",
          }),
        );
        const response = await get(site, "/upload", { method: "POST", body });
        assertEquals(await response.json(), {
          name: "cloud.png",
          type: "image/png",
          size: 70_000,
        });
      },
      "a body is read as it arrives": async (site) => {
        const body = new Uint8Array(3_000_000);
        const response = await get(site, "/upload/large", {
          method: "PUT",
          body,
        });
        assertEquals(await response.json(), { size: 3_000_000 });
      },
    },
  },
  {
    name: "uploads into files",
    rules: {
      "receiveUploads() writes files": async (site) => {
        const body = new FormData();
        body.set("film", new File([new Uint8Array(100_000)], "twister.mp4"));
        const response = await get(site, "/upload/large", {
          method: "POST",
          body,
        });
        assertEquals(await response.json(), { sizes: [100_000] });
      },
    },
  },
  {
    name: "streamed responses",
    rules: {
      "what is flushed comes, without a length": async (site) => {
        const response = await get(site, "/pieces");
        assertEquals(response.headers.get("content-length"), null);
        assertEquals(await response.text(), "one two three");
      },
    },
  },
  {
    name: "templates, compiled at run time",
    rules: {
      "a template of a text escapes": async (site) => {
        assertEquals(
          await text(site, "/page/text?name=%3Cb%3E"),
          "<p>&lt;b&gt;</p>",
        );
      },
    },
  },
  {
    name: "templates in files",
    rules: {
      "a template of a file escapes": async (site) => {
        assertEquals(
          await text(site, "/page/file?name=%3Cb%3E"),
          "<h1>&lt;b&gt;</h1>\n",
        );
      },
    },
  },
  {
    name: "signed cookies",
    rules: {
      "a signed cookie comes back, a changed one does not": async (site) => {
        const body = new URLSearchParams({ user: "ada" });
        const cookie = await cookieOf(site, "/cookie", {
          method: "POST",
          body,
        });
        assertEquals(
          await text(site, "/cookie", { headers: { cookie } }),
          "ada",
        );
        const changed = { cookie: cookie.slice(0, -1) };
        assertEquals(
          await text(site, "/cookie", { headers: changed }),
          "nobody",
        );
      },
    },
  },
  {
    name: "sessions",
    rules: {
      "a session is kept": async (site) => {
        const cookie = await cookieOf(site, "/visits");
        assertEquals(
          await text(site, "/visits", { headers: { cookie } }),
          "visit 2",
        );
      },
    },
  },
  {
    name: "sessions in Redis",
    needs: ["redis-server"],
    rules: {
      "a session is kept in Redis": async (site) => {
        const other = { ...site, port: portOf(site, "redis") };
        const cookie = await cookieOf(other, "/visits");
        assertEquals(await text(other, "/visits", { headers: { cookie } }), "visit 2");
        assertMatch(await keysOf(site), /gustnado:session:/);
      },
    },
  },
  {
    name: "XSRF tokens",
    rules: {
      "a form without the token is refused, one with it is let in": async (
        site,
      ) => {
        assertEquals(await status(site, "/guarded", { method: "POST" }), 403);
        const page = await get(site, "/guarded");
        const cookie = page.headers.getSetCookie()[0]?.split(";")[0] ?? "";
        const headers = { cookie, "x-xsrftoken": await page.text() };
        assertEquals(
          await text(site, "/guarded", { method: "POST", headers }),
          "let in",
        );
      },
    },
  },
  {
    name: "password hashes",
    rules: {
      "a password is verified": async (site) => {
        const response = await get(site, "/password/gust");
        assertEquals(await response.json(), { right: true });
      },
    },
  },
  {
    name: "static files",
    rules: {
      "a file is served, and is 304 the second time": async (site) => {
        const file = await get(site, "/static/wind.txt");
        assertEquals(await file.text(), "0123456789".repeat(30_000));
        const etag = file.headers.get("etag") ?? "";
        const again = { headers: { "if-none-match": etag } };
        assertEquals(await status(site, "/static/wind.txt", again), 304);
      },
      "a range is 206, one past the end 416": async (site) => {
        const part = await get(site, "/static/wind.txt", {
          headers: { range: "bytes=10-24" },
        });
        assertEquals([part.status, await part.text()], [
          206,
          "012345678901234",
        ]);
        assertEquals(part.headers.get("content-range"), "bytes 10-24/300000");
        const past = { headers: { range: "bytes=300000-" } };
        assertEquals(await status(site, "/static/wind.txt", past), 416);
      },
      "nothing outside of the folder is served": async (site) => {
        const path = "/static/..%2ftemplates/page.html";
        const { status } = await rawRequest(
          site.port,
          `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`,
        );
        assert(status === 403 || status === 404, `${status}`);
      },
    },
  },
  {
    name: "gzip",
    rules: {
      "a large text is compressed for who asks": async (site) => {
        const head = "GET /large HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n";
        const response = await rawRequest(site.port, head);
        assertEquals(response.header("content-encoding"), "gzip");
        assertEquals(await text(site, "/large"), "gust ".repeat(4_000));
      },
    },
  },
  {
    name: "server-sent events",
    rules: {
      "events come with their names and numbers": async (site) => {
        const response = await get(site, "/events");
        assertMatch(
          response.headers.get("content-type") ?? "",
          /^text\/event-stream/,
        );
        const stream = await until(response, /south/);
        assertMatch(stream, /id: 1\n[^]*data: north\n\n[^]*data: south/);
      },
    },
  },
  {
    name: "WebSockets",
    rules: {
      "text and bytes are echoed, in their order": async (site) => {
        await using connection = await websocketConnect(
          socketUrl(site, "/echo"),
        );
        for (let i = 0; i < 20; i++) connection.writeMessage(`${i}`);
        for (let i = 0; i < 20; i++) {
          assertEquals(await connection.readMessage(), `${i}`);
        }
        connection.writeMessage(new Uint8Array([1, 2, 255]));
        assertEquals(
          await connection.readMessage(),
          new Uint8Array([1, 2, 255]),
        );
        connection.writeMessage("x".repeat(200_000));
        assertEquals((await connection.readMessage())?.length, 200_000);
      },
      "a subprotocol is chosen, and a close has its code and reason": async (
        site,
      ) => {
        const protocols = ["storm", "gust"];
        await using connection = await websocketConnect(
          socketUrl(site, "/echo"),
          { protocols },
        );
        assertEquals(connection.selectedSubprotocol, "gust");
        connection.writeMessage("bye");
        assertEquals(await connection.readMessage(), null);
        assertEquals([connection.closeCode, connection.closeReason], [
          4001,
          "as you wish",
        ]);
      },
      "a foreign origin is refused": async (site) => {
        const response = await rawRequest(
          site.port,
          upgradeHead("/echo", "Origin: http://elsewhere.example\r\n"),
        );
        assertEquals(response.status, 403);
      },
    },
  },
  {
    name: "WebSocket compression",
    rules: {
      "permessage-deflate is agreed on": async (site) => {
        using connection = await Deno.connect({
          hostname: "127.0.0.1",
          port: site.port,
        });
        const offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
        await connection.write(
          new TextEncoder().encode(upgradeHead("/packed", offer)),
        );
        assertMatch(
          await headOf(connection),
          /sec-websocket-extensions: permessage-deflate/i,
        );
      },
    },
  },
  {
    name: "topics",
    rules: {
      "what is published reaches who follows, with what was before": async (
        site,
      ) => {
        await using one = await TopicClient.connect(site.port);
        const sent = await one.ask({
          type: "publish",
          id: 1,
          topic: "news",
          data: "first",
        });
        assertEquals(sent.type, "ack");
        await using other = await TopicClient.connect(site.port);
        const line = { type: "subscribe", id: 1, topic: "news", last: 5 };
        const [, missed] = [await other.ask(line), await other.next("message")];
        assertEquals(missed.data, "first");
        one.send({ type: "publish", id: 2, topic: "news", data: "second" });
        assertEquals((await other.next("message")).data, "second");
      },
    },
  },
  {
    name: "topics as event streams",
    rules: {
      "a topic is an event stream, too": async (site) => {
        const headers = { accept: "text/event-stream" };
        const response = await get(site, "/topics/stream/news?last=1", {
          headers,
        });
        assertMatch(await until(response, /second/), /data: "?second/);
      },
    },
  },
  {
    name: "HTTP client",
    rules: {
      "AsyncHTTPClient fetches": async (site) => {
        await using server = target();
        const url = encodeURIComponent(`http://127.0.0.1:${server.addr.port}/`);
        const response = await get(site, `/fetch?url=${url}`);
        assertEquals(await response.json(), { code: 200, text: "from afar" });
      },
    },
  },
  {
    name: "WebSocket client",
    rules: {
      "text and bytes come back, over a subprotocol": async (site) => {
        await using server = peer();
        const got = await drive(site, {
          url: server.url,
          options: { protocols: ["storm", "gust"] },
          send: ["one", "bytes", "h\u00e9"],
          read: 3,
        });
        assertEquals(got.messages, ["one", [0, 255], "h\u00e9"]);
        assertEquals([got.selectedSubprotocol, got.closeCode], ["gust", 4000]);
        assertEquals(await server.closed, [4000, "enough"]);
      },
      "a close has its code and reason, a refusal its status": async (site) => {
        await using server = peer();
        const closed = await drive(site, { url: server.url, send: ["bye"] });
        assertEquals([closed.closeCode, closed.closeReason], [4001, "as you wish"]);
        const refused = await drive(site, { url: `${server.url}refused` });
        assertMatch(refused.error ?? "", /^HTTPClientError: HTTP 403/);
        const plain = await drive(site, { url: `${server.url}plain` });
        assertMatch(plain.error ?? "", /^WebSocketError: .*non-WebSocket response/);
        await server[Symbol.asyncDispose]();
        const unreachable = await drive(site, { url: server.url });
        assertMatch(
          unreachable.error ?? "",
          /^HTTP(?:Connect|NoResponse|StreamClosed)Error: HTTP 599/,
        );
      },
      "what is larger than allowed ends it with 1009, more than is read with 1008": async (
        site,
      ) => {
        await using server = peer();
        const large = { url: server.url, options: { maxMessageSize: 99 }, send: ["large"] };
        assertEquals((await drive(site, large)).closeCode, 1009);
        const many = {
          url: server.url,
          options: { inboxMessages: 2 },
          send: ["many"],
          unread: 300,
        };
        assertEquals((await drive(site, many)).closeCode, 1008);
      },
      "a lost connection is opened again": async (site) => {
        let visits = 0;
        await using server = rawPeer(async (socket) => {
          await socket.send(new Uint8Array([0x81, 1, 0x30 + ++visits]));
          if (visits < 3) socket.drop();
        });
        const got = await drive(site, {
          url: `ws://127.0.0.1:${server.port}/`,
          options: { reconnect: { minDelay: 1, maxDelay: 5 }, closeTimeout: 100 },
          read: 3,
        });
        assertEquals(got.messages, ["1", "2", "3"]);
      },
    },
  },
  {
    name: "WebSocket client: header fields",
    rules: {
      "fields go with the handshake": async (site) => {
        await using server = peer();
        const options = { headers: { "x-wind": "north" } };
        const got = await drive(site, { url: server.url, options, send: ["field"], read: 1 });
        assertEquals(got.messages, ["north"]);
      },
    },
  },
  {
    name: "WebSocket client: pings",
    rules: {
      "a peer that is silent is pinged, and given up": async (site) => {
        await using server = rawPeer(() => {});
        const url = `ws://127.0.0.1:${server.port}/`;
        const options = { pingInterval: 100, closeTimeout: 100 };
        const { closeCode } = await drive(site, { url, options });
        assertEquals(closeCode, 1001);
        await using answering = peer();
        const alive = drive(site, { url: answering.url, options, send: ["later"], read: 1 });
        assertEquals((await alive).messages, ["after a while"]);
      },
    },
  },
  {
    name: "WebSocket client: back-pressure",
    rules: {
      "writes wait for a peer that does not read": async (site) => {
        await using server = rawPeer(() => {}, { reads: false });
        const options = { pingInterval: 300, closeTimeout: 100 };
        const url = `ws://127.0.0.1:${server.port}/`;
        assertEquals((await drive(site, { url, options, flood: true })).waits, true);
      },
    },
  },
  {
    name: "HTTPS: `cert`, `key`",
    rules: {
      "requests and WebSockets go over TLS": async (site) => {
        const port = portOf(site, "https");
        const caCerts = [await Deno.readTextFile(new URL("ca.pem", TLS))];
        using client = Deno.createHttpClient({ caCerts });
        const response = await fetch(`https://localhost:${port}/hello/ada`, { client });
        assertEquals(await response.json(), { hello: "ada" });
        await using connection = await websocketConnect(`wss://localhost:${port}/echo`, {
          caCerts,
        });
        connection.writeMessage("safe");
        assertEquals(await connection.readMessage(), "safe");
      },
    },
  },
  {
    name: "Unix sockets: `path`",
    rules: {
      "requests and WebSockets go over a path": async (site) => {
        const path = `${site.folder}/${site.port}.socket`;
        const head = "GET /hello/ada HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        {
          using connection = await Deno.connect({ transport: "unix", path });
          await connection.write(new TextEncoder().encode(head));
          const whole = await new Response(connection.readable).text();
          assertMatch(whole, /^HTTP\/1.1 200 [^]*\{"hello":"ada"\}/);
        }
        using connection = await Deno.connect({ transport: "unix", path });
        await connection.write(new TextEncoder().encode(upgradeHead("/echo", "")));
        assertMatch(await headOf(connection), /^HTTP\/1.1 101 /);
      },
    },
  },
  {
    name: "`app.listen()`, an end in order on `SIGTERM`",
    rules: {
      "HTTP/1.0 needs no host": async ({ port }) => {
        const { status, text } = await rawRequest(port, "GET /hello/ada HTTP/1.0\r\n\r\n");
        assertEquals([status, JSON.parse(text)], [200, { hello: "ada" }]);
      },
      "a signal ends the process when its requests are answered": async (
        site,
      ) => {
        await site.stop("SIGTERM");
        assertStringIncludes(site.output, "shut down");
      },
    },
  },
];

function get(
  { port }: Site,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    redirect: "manual",
    ...init,
  });
}

async function text(
  site: Site,
  path: string,
  init?: RequestInit,
): Promise<string> {
  return await (await get(site, path, init)).text();
}

async function status(
  site: Site,
  path: string,
  init?: RequestInit,
): Promise<number> {
  const response = await get(site, path, init);
  await response.body?.cancel();
  return response.status;
}

/** The first cookie that an answer sets, as it is sent back. */
async function cookieOf(
  site: Site,
  path: string,
  init?: RequestInit,
): Promise<string> {
  const response = await get(site, path, init);
  await response.body?.cancel();
  return response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

/** Reads a stream up to what is waited for. */
async function until(response: Response, wanted: RegExp): Promise<string> {
  const reader = (response.body ?? new ReadableStream()).pipeThrough(
    new TextDecoderStream(),
  )
    .getReader();
  let seen = "";
  while (!wanted.test(seen)) {
    const { done, value } = await reader.read();
    if (done) break;
    seen += value;
  }
  await reader.cancel();
  return seen;
}

function socketUrl({ port }: Site, path: string): string {
  return `ws://127.0.0.1:${port}${path}`;
}

function upgradeHead(path: string, more: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${more}\r\n`;
}

async function headOf(connection: Deno.Conn): Promise<string> {
  const chunk = new Uint8Array(4096);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const length = await connection.read(chunk);
    if (length === null) break;
    head += new TextDecoder().decode(chunk.subarray(0, length));
  }
  return head;
}

/** The port of another server of the site, which says it when it starts. */
function portOf({ output }: Site, server: string): number {
  return Number(new RegExp(`^${server} (\\d+)$`, "m").exec(output)?.[1]);
}

/** What is in the site's Redis. */
async function keysOf({ redis: port = 0 }: Site): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode("KEYS *\r\n"));
  const chunk = new Uint8Array(4096);
  const length = await connection.read(chunk);
  return new TextDecoder().decode(chunk.subarray(0, length ?? 0));
}

/** A server that the application fetches from. */
function target(): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  return Deno.serve(options, () => new Response("from afar"));
}

/** What a site tells of a WebSocket that it opened. */
interface Driven {
  readonly messages?: readonly unknown[];
  readonly closeCode?: number | null;
  readonly closeReason?: string | null;
  readonly selectedSubprotocol?: string | null;
  readonly waits?: boolean;
  readonly error?: string;
}

/** Has a site open a WebSocket, as `SocketScript` of the application says. */
async function drive(site: Site, script: object): Promise<Driven> {
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(script) };
  return await (await get(site, "/client", init)).json();
}

/** A server that WebSockets of a site go to. */
interface Peer extends AsyncDisposable {
  readonly url: string;
  /** The code and reason of the last close frame. */
  readonly closed: Promise<readonly [number, string]>;
}

function peer(): Peer {
  const closed = Promise.withResolvers<readonly [number, string]>();
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, (request) => {
    if (request.url.endsWith("/refused")) return new Response(null, { status: 403 });
    if (request.url.endsWith("/plain")) return new Response("no WebSocket");
    const field = request.headers.get("x-wind") ?? "";
    const offered = request.headers.get("sec-websocket-protocol")?.split(/, */) ?? [];
    const protocol = offered.includes("gust") ? { protocol: "gust" } : {};
    const { socket, response } = Deno.upgradeWebSocket(request, { ...protocol, idleTimeout: 0 });
    socket.onmessage = ({ data }) => {
      if (data === "bye") socket.close(4001, "as you wish");
      else if (data === "bytes") socket.send(new Uint8Array([0, 255]));
      else if (data === "large") socket.send("x".repeat(100));
      else if (data === "many") { for (let i = 0; i < 9; i++) socket.send(`${i}`); }
      else if (data === "field") socket.send(field);
      else if (data === "later") setTimeout(() => socket.send("after a while"), 300);
      else socket.send(data);
    };
    socket.onclose = ({ code, reason }) => closed.resolve([code, reason]);
    return response;
  });
  return {
    url: `ws://127.0.0.1:${server.addr.port}/`,
    closed: closed.promise,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
