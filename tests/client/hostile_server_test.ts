import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  AsyncHTTPClient,
  type FetchOptions,
  HTTPBodySizeError,
  HTTPClientError,
  HTTPProtocolError,
  HTTPStreamClosedError,
  HTTPTimeoutError,
} from "../../mod.ts";
import { type HostileConnection, hostileServer } from "../support/hostile_server.ts";
import { poll } from "../support/poll.ts";

/** What a server does, and what comes of it. */
interface Case {
  readonly name: string;
  readonly treat: (connection: HostileConnection) => void | Promise<void>;
  // deno-lint-ignore no-explicit-any -- the constructor of any error
  readonly outcome: abstract new (...args: any[]) => HTTPClientError;
  readonly code?: number;
  readonly options?: FetchOptions;
  /** Whether the error keeps what the runtime said. */
  readonly hasCause?: boolean;
}

const OK = "HTTP/1.1 200 OK\r\n";
const CHALLENGE = 'Digest realm="r", nonce="n", qop="auth"';
const MIB = 1024 * 1024;
/** 64 KiB in chunked coding. */
const CHUNK = new TextEncoder().encode(`10000\r\n${"x".repeat(0x10000)}\r\n`);

const cases: Case[] = [
  {
    name: "never answers",
    treat: (connection) => connection.gone().then(() => {}),
    outcome: HTTPTimeoutError,
  },
  {
    name: "never answers, with a connect timeout",
    treat: (connection) => connection.gone().then(() => {}),
    outcome: HTTPTimeoutError,
    options: { connectTimeout: 100, requestTimeout: 20_000 },
  },
  {
    name: "answers byte by byte, without an end",
    treat: (connection) => drip(connection, `${OK}X-Slow: ${"x".repeat(10_000)}`),
    outcome: HTTPTimeoutError,
  },
  {
    name: "sends the body byte by byte, without an end",
    treat: (connection) =>
      drip(connection, `${OK}Content-Length: 10000\r\n\r\n`, "x".repeat(10_000)),
    outcome: HTTPTimeoutError,
  },
  { name: "closes at once", treat: () => {}, outcome: HTTPStreamClosedError, hasCause: true },
  {
    name: "closes in the status line",
    treat: (connection) => connection.send("HTTP/1.1 20"),
    outcome: HTTPStreamClosedError,
    hasCause: true,
  },
  {
    name: "closes among the fields",
    treat: (connection) => connection.send(`${OK}Content-Le`),
    outcome: HTTPStreamClosedError,
    hasCause: true,
  },
  {
    name: "closes before a body of known length",
    treat: (connection) => connection.send(`${OK}Content-Length: 10\r\n\r\n`),
    outcome: HTTPStreamClosedError,
    hasCause: true,
  },
  {
    name: "closes within a body of known length",
    treat: (connection) => connection.send(`${OK}Content-Length: 10\r\n\r\nabc`),
    outcome: HTTPStreamClosedError,
    hasCause: true,
  },
  {
    name: "closes within a chunk",
    treat: (connection) => connection.send(`${OK}Transfer-Encoding: chunked\r\n\r\n20\r\nabc`),
    outcome: HTTPStreamClosedError,
    hasCause: true,
  },
  {
    name: "closes between chunks",
    treat: (connection) => connection.send(`${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`),
    outcome: HTTPStreamClosedError,
    hasCause: true,
  },
  {
    name: "names two lengths",
    treat: (connection) =>
      connection.send(`${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`),
    outcome: HTTPProtocolError,
    hasCause: true,
  },
  {
    name: "names a negative length",
    treat: (connection) => connection.send(`${OK}Content-Length: -2\r\n\r\nabc`),
    outcome: HTTPProtocolError,
    hasCause: true,
  },
  {
    name: "names a length beyond maxBodySize",
    treat: async (connection) => {
      await connection.send(`${OK}Content-Length: 900000000000000\r\n\r\nabc`);
      await connection.gone();
    },
    outcome: HTTPBodySizeError,
  },
  {
    name: "sends chunks without an end",
    treat: async (connection) => {
      await connection.send(`${OK}Transfer-Encoding: chunked\r\n\r\n`);
      for (let i = 0; i < 1_000; i++) await connection.send(CHUNK);
    },
    outcome: HTTPBodySizeError,
  },
  {
    name: "sends what is no chunk",
    treat: (connection) => connection.send(`${OK}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`),
    outcome: HTTPStreamClosedError,
    hasCause: true,
  },
  {
    name: "redirects for ever",
    treat: ({ head, send }) => send(redirectTo(`${/^GET (\S*)/.exec(head)?.[1]}x`)),
    outcome: HTTPClientError,
    code: 302,
  },
  {
    name: "redirects to itself",
    treat: ({ send }) => send(redirectTo("/")),
    outcome: HTTPClientError,
    code: 302,
  },
  {
    name: "redirects to a file",
    treat: ({ send }) => send(redirectTo("file:///etc/passwd")),
    outcome: HTTPProtocolError,
  },
  {
    name: "redirects to data",
    treat: ({ send }) => send(redirectTo("data:text/plain,hello")),
    outcome: HTTPProtocolError,
  },
  {
    name: "redirects to what is no URL",
    treat: ({ send }) => send(redirectTo("http://[")),
    outcome: HTTPProtocolError,
  },
  {
    name: "redirects, and never ends the body",
    treat: async (connection) => {
      await connection.send(`HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 10\r\n\r\n`);
      await connection.gone();
    },
    outcome: HTTPTimeoutError,
  },
  {
    name: "challenges, and never ends the body",
    treat: async (connection) => {
      await connection.send(
        `HTTP/1.1 401 No\r\nWWW-Authenticate: ${CHALLENGE}\r\nContent-Length: 10\r\n\r\n`,
      );
      await connection.gone();
    },
    outcome: HTTPTimeoutError,
    options: { authMode: "digest", authUsername: "me", authPassword: "secret" },
  },
  {
    name: "challenges for ever",
    treat: ({ send }) =>
      send(`HTTP/1.1 401 No\r\nWWW-Authenticate: ${CHALLENGE}\r\nContent-Length: 0\r\n\r\n`),
    outcome: HTTPClientError,
    code: 401,
    options: { authMode: "digest", authUsername: "me", authPassword: "secret" },
  },
  {
    name: "sends interim responses without an end",
    treat: async (connection) => {
      const left = connection.gone();
      for (let isThere = true; isThere;) {
        await connection.send(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n`);
        const pause = new Promise<boolean>((resolve) => setTimeout(resolve, 5, true));
        isThere = await Promise.race([left.then(() => false), pause]);
      }
    },
    outcome: HTTPTimeoutError,
  },
  {
    name: "asks for a wait without an end",
    treat: ({ send }) =>
      send(`HTTP/1.1 503 Busy\r\nRetry-After: ${"9".repeat(300)}\r\nContent-Length: 0\r\n\r\n`),
    outcome: HTTPClientError,
    code: 503,
    options: { retry: 5 },
  },
  {
    name: "sends 200 header fields",
    treat: ({ send }) => {
      const fields = Array.from({ length: 200 }, (_, i) => `X-${i}: 1\r\n`).join("");
      return send(`${OK}${fields}Content-Length: 0\r\n\r\n`);
    },
    outcome: HTTPProtocolError,
    hasCause: true,
  },
  {
    name: "sends a header field without an end",
    treat: async ({ send }) => {
      await send(`${OK}X-Long: `);
      for (let i = 0; i < 1_000; i++) await send("x".repeat(10_000));
    },
    outcome: HTTPProtocolError,
    hasCause: true,
  },
  {
    name: "sends a gzip bomb",
    treat: async ({ send }) => {
      const bomb = await gzip(new Uint8Array(64 * MIB));
      await send(`${OK}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
      await send(bomb);
    },
    outcome: HTTPBodySizeError,
  },
  {
    name: "sends what is not gzip",
    treat: ({ send }) => send(`${OK}Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!`),
    outcome: HTTPProtocolError,
    hasCause: true,
  },
  {
    name: "sends gzip with a broken middle",
    treat: async ({ send }) => {
      const bytes = await gzip(crypto.getRandomValues(new Uint8Array(1_000)));
      bytes.fill(0xff, 20, 200);
      await send(`${OK}Content-Encoding: gzip\r\nContent-Length: ${bytes.length}\r\n\r\n`);
      await send(bytes);
    },
    outcome: HTTPProtocolError,
    hasCause: true,
  },
  {
    name: "sends gzip without its end",
    treat: async ({ send }) => {
      const bytes = (await gzip(crypto.getRandomValues(new Uint8Array(1_000)))).subarray(0, 500);
      await send(`${OK}Content-Encoding: gzip\r\nContent-Length: ${bytes.length}\r\n\r\n`);
      await send(bytes);
    },
    outcome: HTTPProtocolError,
    hasCause: true,
  },
  {
    name: "speaks another protocol",
    treat: ({ send }) => send("220 mail.example.com ESMTP\r\n\r\n"),
    outcome: HTTPProtocolError,
    hasCause: true,
  },
  {
    name: "sends random bytes",
    treat: ({ send }) => send(new Uint8Array(1_000).map((_, i) => i * 37)),
    outcome: HTTPProtocolError,
    hasCause: true,
  },
  {
    name: "switches protocols unasked",
    treat: ({ send }) => send("HTTP/1.1 101 Off\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    outcome: HTTPProtocolError,
  },
  {
    name: "answers with a status that is none",
    treat: ({ send }) => send("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"),
    outcome: HTTPClientError,
    code: 999,
  },
];

for (const { name, treat, outcome, code = 599, options, hasCause = false } of cases) {
  Deno.test(`client has an error and leaks nothing when a server ${name}`, async () => {
    await using server = hostileServer(treat);
    using client = new AsyncHTTPClient({ maxClients: 1, maxBodySize: MIB });
    // Only who waits for the timeout has a short one: a busy machine must not turn others into it.
    const requestTimeout = outcome === HTTPTimeoutError ? 500 : 15_000;
    // A URL that was asked for before is asked for in another way.
    for (let time = 1; time <= 3; time++) {
      const started = performance.now();
      const fetching = client.fetch(server.origin, { requestTimeout, ...options });
      const error = await fetching.then(() => null, (error: unknown) => error);
      assertInstanceOf(error, outcome);
      assertEquals([error.constructor.name, error.code], [outcome.name, code], error.message);
      if (outcome === HTTPTimeoutError) {
        assert(performance.now() - started < 5_000, "The timeout did not hold");
      }
      if (hasCause) assertInstanceOf(error.cause, Error);
      assert(await poll(() => server.open === 0), "The connection is still open");
    }
    // The only place is free again.
    await using kind = hostileServer(({ send }) => send(`${OK}Content-Length: 2\r\n\r\nok`));
    assertEquals((await client.fetch(kind.origin)).text(), "ok");
  });
}

Deno.test("client keeps a body that is longer than its length out of the next response", async () => {
  await using server = hostileServer(({ send }) => send(`${OK}Content-Length: 2\r\n\r\nabcdef`));
  using client = new AsyncHTTPClient();
  for (let i = 0; i < 3; i++) assertEquals((await client.fetch(server.origin)).text(), "ab");
});

Deno.test("text of a response that is not UTF-8 is an error unless it may be lossy", async () => {
  await using server = hostileServer(({ send }) => send(`${OK}Content-Length: 2\r\n\r\na\xff`));
  using client = new AsyncHTTPClient();
  const response = await client.fetch(server.origin);
  const error = (() => {
    try {
      return response.text();
    } catch (error) {
      return error;
    }
  })();
  assertInstanceOf(error, HTTPProtocolError);
  assertInstanceOf(error.cause, TypeError);
  assertEquals(response.text({ lossy: true }), "a\ufffd");
});

function redirectTo(location: string): string {
  return `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
}

/** Sends the last of the texts byte by byte, the others at once. */
async function drip(connection: HostileConnection, ...texts: string[]): Promise<void> {
  const slow = texts.pop() ?? "";
  for (const text of texts) await connection.send(text);
  for (const byte of slow) {
    await connection.send(byte);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
